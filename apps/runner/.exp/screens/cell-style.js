export const isCellStyle = (value) => typeof value === 'object' && value !== null && 'isBold' in value && 'getBgColor' in value;
/** The SGR sequence that sets exactly this style, whatever was set before. */
export function sgrOf(style) {
    const codes = [0];
    if (style.isBold())
        codes.push(1);
    if (style.isDim())
        codes.push(2);
    if (style.isItalic())
        codes.push(3);
    if (style.isUnderline())
        codes.push(...underlineOf(style));
    if (style.isBlink())
        codes.push(5);
    if (style.isInverse())
        codes.push(7);
    if (style.isInvisible())
        codes.push(8);
    if (style.isStrikethrough())
        codes.push(9);
    if (style.isOverline())
        codes.push(53);
    if (style.isFgRGB())
        codes.push(38, 2, ...rgbOf(style.getFgColor()));
    else if (style.isFgPalette())
        codes.push(38, 5, style.getFgColor());
    codes.push(...backgroundOf(style));
    return `\x1b[${codes.join(';')}m`;
}
/** The SGR sequence for a cell erased in this style: xterm erases with the background alone. */
export const eraseSgrOf = (style) => `\x1b[${[0, ...backgroundOf(style)].join(';')}m`;
export const hasBackground = (style) => style.isBgRGB() || style.isBgPalette();
/** Whether an empty cell of this style looks different from one that was erased: then it is painted as a space. */
export const showsWhenEmpty = (style) => Boolean(style.isInverse() || style.isUnderline() || style.isStrikethrough() || style.isOverline());
function backgroundOf(style) {
    if (style.isBgRGB())
        return [48, 2, ...rgbOf(style.getBgColor())];
    return style.isBgPalette() ? [48, 5, style.getBgColor()] : [];
}
function underlineOf(style) {
    if (!hasExtendedStyle(style))
        return [4];
    const form = `4:${style.getUnderlineStyle() || 1}`;
    if (style.isUnderlineColorDefault())
        return [form];
    const color = style.getUnderlineColor();
    return style.isUnderlineColorRGB() ? [form, `58:2::${rgbOf(color).join(':')}`] : [form, `58:5:${color}`];
}
const hasExtendedStyle = (style) => 'getUnderlineStyle' in style && 'isUnderlineColorDefault' in style;
const rgbOf = (color) => [
    (color >> 16) & 0xff,
    (color >> 8) & 0xff,
    color & 0xff,
];
//# sourceMappingURL=cell-style.js.map