import type { IBuffer, IBufferLine } from '@xterm/headless';
/**
 * Text that draws rows of a buffer again on rows that are empty. xterm's own serializer draws about a third of random
 * screens wrong (erased cells in colour, wide characters, pending wraps), so this is ours: every row starts at an absolute
 * position, every style is said in full.
 */
export interface Rows {
    readonly buffer: IBuffer;
    readonly cols: number;
    /** first line of the buffer to draw, and the one after the last */
    readonly from: number;
    readonly to: number;
}
/** The rows one below the other from the screen's top, each at its place. */
export declare function paintScreenRows(rows: Rows): string;
/** The rows as lines that scroll: for what is above the screen. */
export declare function paintLines(rows: Rows): string;
/** The last character of a row again: what brings the cursor to "about to wrap". */
export declare function paintLastCell(line: IBufferLine, row: number, cols: number): string;
