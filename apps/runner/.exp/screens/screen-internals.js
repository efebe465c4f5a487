import { isCellStyle } from './cell-style.js';
export function hiddenStateOf(terminal) {
    const core = field(terminal, '_core');
    const charsets = field(core, '_charsetService', '_charsets');
    return {
        inSequence: numberOr(field(core, '_inputHandler', '_parser', 'currentState'), 0) !== 0,
        cursorHidden: field(core, 'coreService', 'isCursorHidden') === true,
        cursorStyle: cursorStyleOf(field(core, 'coreService', 'decPrivateModes')),
        mouseEncodingMode: MOUSE_ENCODINGS.get(field(core, 'coreMouseService', 'activeEncoding')) ?? null,
        style: styleOrNull(field(core, '_inputHandler', '_curAttrData')),
        lineDrawing: [0, 1, 2, 3].map((index) => isLineDrawing(field(charsets, index))),
        activeCharset: numberOr(field(core, '_charsetService', 'glevel'), 0),
        drawsLines: isLineDrawing(field(core, '_charsetService', 'charset')),
        normal: bufferStateOf(field(core, 'buffers', 'normal'), terminal.rows),
        alternate: bufferStateOf(field(core, 'buffers', 'alt'), terminal.rows),
    };
}
/**
 * Draws `bytes` now. The public `write` draws later, from a timer, where a fault of the emulator (some erase sequences at
 * odd cursor places throw in 6.0.0) could not be caught and would end the thread with all its screens.
 */
export function drawNow(terminal, bytes) {
    const core = field(terminal, '_core');
    const writeSync = field(core, 'writeSync');
    if (typeof writeSync !== 'function')
        throw new Error('this version of xterm is built differently: see screen-internals.ts');
    Reflect.apply(writeSync, core, [bytes]);
}
const MOUSE_ENCODINGS = new Map([
    ['SGR', 1006],
    ['SGR_PIXELS', 1016],
]);
function bufferStateOf(buffer, rows) {
    const tabs = field(buffer, 'tabs');
    return {
        regionTop: numberOr(field(buffer, 'scrollTop'), 0),
        regionBottom: numberOr(field(buffer, 'scrollBottom'), rows - 1),
        savedX: numberOr(field(buffer, 'savedX'), 0),
        savedY: numberOr(field(buffer, 'savedY'), 0) - numberOr(field(buffer, 'ybase'), 0),
        savedStyle: styleOrNull(field(buffer, 'savedCurAttrData')),
        savedLineDrawing: isLineDrawing(field(buffer, 'savedCharset')),
        tabStops: typeof tabs === 'object' && tabs !== null ? Object.keys(tabs).map(Number) : [],
    };
}
const CURSOR_STYLES = ['block', 'underline', 'bar'];
function cursorStyleOf(modes) {
    const form = CURSOR_STYLES.indexOf(field(modes, 'cursorStyle'));
    if (form < 0)
        return 0;
    return 1 + form * 2 + (field(modes, 'cursorBlink') === false ? 1 : 0);
}
/** DEC Special Graphics is the only national character set still in use; a diamond stands for its grave accent. */
const isLineDrawing = (charset) => field(charset, '`') === '◆';
function field(of, ...path) {
    let value = of;
    for (const key of path) {
        if (typeof value !== 'object' || value === null)
            return undefined;
        value = Reflect.get(value, key);
    }
    return value;
}
const numberOr = (value, otherwise) => (typeof value === 'number' ? value : otherwise);
const styleOrNull = (value) => (isCellStyle(value) ? value : null);
//# sourceMappingURL=screen-internals.js.map