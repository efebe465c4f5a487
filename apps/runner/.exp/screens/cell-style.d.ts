/** How a cell looks: what xterm's cells and its current and saved attributes have in common. */
export interface CellStyle {
    isBold(): number;
    isDim(): number;
    isItalic(): number;
    isUnderline(): number;
    isBlink(): number;
    isInverse(): number;
    isInvisible(): number;
    isStrikethrough(): number;
    isOverline(): number;
    isFgRGB(): boolean;
    isFgPalette(): boolean;
    isBgRGB(): boolean;
    isBgPalette(): boolean;
    getFgColor(): number;
    getBgColor(): number;
}
export declare const isCellStyle: (value: unknown) => value is CellStyle;
/** The SGR sequence that sets exactly this style, whatever was set before. */
export declare function sgrOf(style: CellStyle): string;
/** The SGR sequence for a cell erased in this style: xterm erases with the background alone. */
export declare const eraseSgrOf: (style: CellStyle) => string;
export declare const hasBackground: (style: CellStyle) => boolean;
/** Whether an empty cell of this style looks different from one that was erased: then it is painted as a space. */
export declare const showsWhenEmpty: (style: CellStyle) => boolean;
