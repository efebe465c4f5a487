import type { Picture } from './screen-messages.ts';
/** Lines kept above the screen, for those who come later. 80 columns of them are 2 MB. */
export declare const SCROLLBACK_LINES = 2000;
export interface ScreenListener {
    onDrawn(upTo: number): void;
    onReply(text: string): void;
}
/** One terminal's screen: draws output in order, and gives pictures of it at an exact offset. */
export declare class Screen {
    #private;
    constructor(cols: number, rows: number, listener: ScreenListener);
    output(bytes: Uint8Array): void;
    resize(cols: number, rows: number): void;
    interrupt(): void;
    snapshot(give: (picture: Picture) => void): void;
    scrollback(lines: number, give: (picture: Picture) => void): void;
    close(): void;
}
