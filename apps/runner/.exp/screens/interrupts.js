/**
 * Ctrl-C, Ctrl-Z and Ctrl-\ make the kernel throw away what a program has printed but nobody has read yet. That may cut an
 * escape sequence in two, and a terminal then swallows what follows (a cut window title eats the prompt). The kernel's
 * echo `^C` marks the place, so the screen ends whatever is unfinished there with CAN, which does nothing otherwise.
 */
const CTRL_C = 0x03;
const CTRL_BACKSLASH = 0x1c;
const CTRL_Z = 0x1a;
const CAN = 0x18;
const CARET = 0x5e;
/** C, Z and \ after the caret */
const ECHOED = new Set([0x43, 0x5a, 0x5c]);
export const hasInterrupt = (typed) => typed.includes(CTRL_C) || typed.includes(CTRL_Z) || typed.includes(CTRL_BACKSLASH);
/** `bytes` with CAN before the first echoed interrupt; null when none is in them. */
export function withCutEnded(bytes) {
    for (let at = bytes.indexOf(CARET); at >= 0; at = bytes.indexOf(CARET, at + 1)) {
        if (!ECHOED.has(bytes[at + 1]))
            continue;
        const ended = new Uint8Array(bytes.length + 1);
        ended.set(bytes.subarray(0, at));
        ended[at] = CAN;
        ended.set(bytes.subarray(at), at + 1);
        return ended;
    }
    return null;
}
//# sourceMappingURL=interrupts.js.map