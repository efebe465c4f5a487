import unicode11 from '@xterm/addon-unicode11';
import headless, {} from '@xterm/headless';
import { Colors } from './colors.js';
import { withCutEnded } from './interrupts.js';
import { drawNow, hiddenStateOf } from './screen-internals.js';
import { scrollbackOf, snapshotOf } from './snapshot.js';
import { unfinishedAfter } from './unfinished.js';
/** Lines kept above the screen, for those who come later. 80 columns of them are 2 MB. */
export const SCROLLBACK_LINES = 2_000;
/** So much output after an interrupt is searched for its echo. */
const ECHO_WITHIN_BYTES = 256 * 1024;
const TITLE_CHARS_MAX = 256;
/** Drawn in one go, about a millisecond or two; then the other screens have their turn. */
const DRAW_BYTES_MAX = 64 * 1024;
/** One terminal's screen: draws output in order, and gives pictures of it at an exact offset. */
export class Screen {
    #listener;
    #cols;
    #rows;
    #terminal;
    #colors;
    #steps = [];
    #turn = null;
    #drawnUpTo = 0;
    #unfinished = NOTHING;
    #echoWithinBytes = 0;
    #title = '';
    constructor(cols, rows, listener) {
        this.#listener = listener;
        this.#cols = cols;
        this.#rows = rows;
        this.#terminal = this.#newTerminal();
        this.#colors = this.#newColors();
    }
    output(bytes) {
        for (let at = 0; at < bytes.length; at += DRAW_BYTES_MAX)
            this.#add({ type: 'output', bytes: bytes.subarray(at, at + DRAW_BYTES_MAX) });
    }
    resize(cols, rows) {
        this.#run(() => {
            this.#cols = cols;
            this.#rows = rows;
            this.#guarded(() => this.#terminal.resize(cols, rows));
        });
    }
    interrupt() {
        this.#run(() => {
            this.#echoWithinBytes = ECHO_WITHIN_BYTES;
        });
    }
    snapshot(give) {
        this.#run(() => {
            const dress = `\x1b]2;${this.#title}\x07${this.#colors.dress()}`;
            give(this.#picture(snapshotOf(this.#terminal, dress), this.#unfinished));
        });
    }
    scrollback(lines, give) {
        this.#run(() => give(this.#picture(scrollbackOf(this.#terminal, lines), NOTHING)));
    }
    close() {
        if (this.#turn !== null)
            clearImmediate(this.#turn);
        this.#steps = [];
        this.#terminal.dispose();
    }
    #picture(text, unfinished) {
        const drawn = new TextEncoder().encode(text);
        const bytes = new Uint8Array(drawn.length + unfinished.length);
        bytes.set(drawn);
        bytes.set(unfinished, drawn.length);
        return { offset: this.#drawnUpTo, cols: this.#cols, rows: this.#rows, bytes };
    }
    #run(run) {
        this.#add({ type: 'run', run });
    }
    #add(step) {
        this.#steps.push(step);
        this.#turn ??= setImmediate(() => this.#takeTurn());
    }
    /** Draws one piece and does what follows it, then lets the other screens draw. */
    #takeTurn() {
        this.#turn = null;
        const step = this.#steps.shift();
        if (step?.type === 'output')
            this.#draw(step.bytes);
        else
            step?.run();
        while (this.#steps[0]?.type === 'run')
            this.#runNext();
        if (this.#steps.length > 0)
            this.#turn = setImmediate(() => this.#takeTurn());
    }
    #runNext() {
        const step = this.#steps.shift();
        if (step?.type === 'run')
            step.run();
    }
    #draw(bytes) {
        const drawable = this.#echoWithinBytes > 0 ? this.#endCut(bytes) : bytes;
        this.#guarded(() => drawNow(this.#terminal, drawable));
        this.#drawnUpTo += bytes.length;
        this.#unfinished = unfinishedAfter(this.#unfinished, drawable, hiddenStateOf(this.#terminal).inSequence);
        this.#listener.onDrawn(this.#drawnUpTo);
    }
    /** An emulator that threw is in no known state: it begins again, empty, and the program's next redraw fills it. */
    #guarded(draw) {
        try {
            draw();
        }
        catch {
            this.#terminal.dispose();
            this.#terminal = this.#newTerminal();
            this.#colors = this.#newColors();
        }
    }
    #newTerminal() {
        const terminal = new headless.Terminal({
            cols: this.#cols,
            rows: this.#rows,
            scrollback: SCROLLBACK_LINES,
            allowProposedApi: true,
            logLevel: 'off',
        });
        terminal.loadAddon(new unicode11.Unicode11Addon());
        terminal.unicode.activeVersion = '11';
        terminal.onData((text) => this.#listener.onReply(text));
        terminal.onTitleChange((title) => {
            this.#title = title.slice(0, TITLE_CHARS_MAX);
        });
        return terminal;
    }
    #newColors() {
        return new Colors(this.#terminal, (text) => this.#listener.onReply(text));
    }
    #endCut(bytes) {
        const ended = withCutEnded(bytes);
        this.#echoWithinBytes = ended === null ? Math.max(0, this.#echoWithinBytes - bytes.length) : 0;
        return ended ?? bytes;
    }
}
const NOTHING = new Uint8Array(0);
//# sourceMappingURL=screen.js.map