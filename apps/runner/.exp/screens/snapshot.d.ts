import type { Terminal } from '@xterm/headless';
/**
 * Text that gives any terminal of the same size this terminal's screen, modes and state, whatever it showed before: both
 * buffers, cursor, styles, scroll region, saved cursors, tab stops, mouse and keyboard modes. What follows may then be
 * the output from the very next byte on.
 * @param dress window title and colours, already as escape sequences
 */
export declare function snapshotOf(terminal: Terminal, dress: string): string;
/** Up to `lines` lines above the screen of the first buffer, oldest first, each ending in a line break. */
export declare function scrollbackOf(terminal: Terminal, lines: number): string;
