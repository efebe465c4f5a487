import type { Terminal } from '@xterm/headless';
import { type CellStyle } from './cell-style.ts';
/**
 * What xterm 6.0.0 knows and its public interface does not tell, though a snapshot must. This is the only file that looks
 * inside; a field that a later version renamed reads as its default, and the snapshot's test fails.
 */
export interface HiddenState {
    /** in the middle of an escape sequence or of a string such as a window title */
    readonly inSequence: boolean;
    readonly cursorHidden: boolean;
    /** DECSCUSR parameter; 0 for the terminal's own */
    readonly cursorStyle: number;
    /** how mouse events are reported: the private mode that is set beside 1000 to 1003, or null */
    readonly mouseEncodingMode: number | null;
    readonly style: CellStyle | null;
    /** whether G0 to G3 are line drawing */
    readonly lineDrawing: readonly boolean[];
    readonly activeCharset: number;
    /** whether letters are line drawing now: a restored cursor brings its charset along, whatever G0 to G3 are */
    readonly drawsLines: boolean;
    readonly normal: HiddenBufferState;
    readonly alternate: HiddenBufferState;
}
export interface HiddenBufferState {
    /** scroll region, from 0, both inclusive */
    readonly regionTop: number;
    readonly regionBottom: number;
    readonly savedX: number;
    /** relative to the screen's first row; may lie outside */
    readonly savedY: number;
    readonly savedStyle: CellStyle | null;
    readonly savedLineDrawing: boolean;
    /** columns of tab stops, ascending */
    readonly tabStops: readonly number[];
}
export declare function hiddenStateOf(terminal: Terminal): HiddenState;
/**
 * Draws `bytes` now. The public `write` draws later, from a timer, where a fault of the emulator (some erase sequences at
 * odd cursor places throw in 6.0.0) could not be caught and would end the thread with all its screens.
 */
export declare function drawNow(terminal: Terminal, bytes: Uint8Array): void;
