import { InputLedger } from '@latchkey/domain/terminal/input-ledger';
import { OutputRing } from '@latchkey/domain/terminal/output-ring';
import * as lease from '@latchkey/domain/terminal/size-lease';
import { Flow } from './flow.js';
import { startPty } from './pty/pty-process.js';
import { hasInterrupt } from './screens/interrupts.js';
import { sendPicture, Viewer } from './viewer.js';
/** Input that the program has not read yet is acknowledged when there is less than this of it: so a paste waits, in the app. */
const UNREAD_INPUT_BYTES_MAX = 64 * 1024;
const UNREAD_INPUT_LOOK_EVERY_MS = 20;
/** One program in its PTY with its screen, its kept output, and everybody who watches. */
export class HostedTerminal {
    number;
    #events;
    #ring = new OutputRing();
    #ledger = new InputLedger();
    #viewers = new Set();
    #pty;
    #screen;
    #flow;
    #name;
    #size;
    #exit = null;
    #laterAcks = null;
    #ackWaiting = new Map();
    /** Throws when the PTY cannot be made. */
    constructor(options, screens, events) {
        this.number = options.number;
        this.#name = printable(options.name);
        this.#size = lease.unowned(options.size);
        this.#events = events;
        this.#pty = startPty(options.program, options.size, {
            onOutput: (bytes) => this.#produced(bytes),
            onExit: (exit) => this.#ended(exit),
        });
        this.#screen = screens.open(options.size.cols, options.size.rows, {
            onDrawn: () => this.#flow.update(),
            onReply: (text) => this.#pty.write(Buffer.from(text, 'latin1')),
        });
        this.#flow = new Flow({ pty: this.#pty, screen: this.#screen, ring: this.#ring }, this.#viewers);
    }
    get info() {
        const { owner, cols, rows } = this.#size;
        const watchers = [...this.#viewers].map(({ port: { app, label, mayType } }) => ({ app, label, mayType }));
        return { terminal: this.number, name: this.#name, cols, rows, owner, watchers, exit: this.#exit };
    }
    get hasEnded() {
        return this.#exit !== null;
    }
    get isWatched() {
        return this.#viewers.size > 0;
    }
    /** Begins or resumes watching; the caller tells the app, then calls `begin` of the viewer. Null: too many watch. */
    attach(port, writer, from, size) {
        const applied = this.#ledger.attach(ledgerKey(port, writer));
        if (applied === null)
            return null;
        const viewer = new Viewer({
            port,
            writer,
            terminal: this.number,
            ring: this.#ring,
            from,
            requestSnapshot: (asking) => this.#screen.snapshot((picture) => this.#restore(asking, picture)),
        });
        this.#viewers.add(viewer);
        if (port.mayType)
            this.#resize(lease.wish(this.#size, port.app, size));
        this.#events.onChanged();
        return { viewer, applied };
    }
    detach(viewer) {
        if (!this.#viewers.delete(viewer))
            return;
        this.#ackWaiting.delete(viewer);
        const { port } = viewer;
        this.#ledger.detach(ledgerKey(port, viewer.writer));
        const stillThere = [...this.#viewers].some((other) => other.port.app === port.app && other.port.mayType);
        if (!stillThere)
            this.#size = lease.leave(this.#size, port.app);
        this.#flow.update();
        this.#events.onChanged();
    }
    grant(viewer, upTo) {
        viewer.grant(upTo);
        this.#flow.progressed();
        this.pump(viewer);
    }
    /** Sends this viewer what may be sent now. */
    pump(viewer) {
        viewer.pump(this.#exit);
        this.#flow.update();
    }
    /** Types what is new of `bytes`; false when bytes before them are missing. */
    type(viewer, from, bytes) {
        const applied = this.#ledger.apply(ledgerKey(viewer.port, viewer.writer), from, bytes);
        if (applied.status === 'hole' || applied.status === 'unknown')
            return false;
        if (applied.status === 'applied') {
            if (hasInterrupt(applied.fresh))
                this.#screen.interrupt();
            this.#pty.write(applied.fresh);
        }
        this.#acknowledge(viewer, applied.upTo);
        return true;
    }
    wishSize(app, size) {
        this.#resizeAndTell(lease.wish(this.#size, app, size));
    }
    takeSize(app, size) {
        this.#resizeAndTell(lease.take(this.#size, app, size));
    }
    rename(name) {
        this.#name = printable(name);
        this.#events.onChanged();
    }
    scrollback(viewer, request, lines) {
        this.#screen.scrollback(lines, (picture) => {
            if (this.#viewers.has(viewer))
                sendPicture(viewer.port, this.number, 'scrollback', picture, request);
        });
    }
    /** Ends the program; `onExit` follows. */
    end() {
        this.#flow.release();
        this.#pty.end();
    }
    /** Ends the program without a grace time. */
    kill() {
        this.#flow.release();
        this.#pty.kill();
    }
    /** Nothing is kept after this; the program must have ended. */
    dispose() {
        this.#flow.stop();
        if (this.#laterAcks !== null)
            clearInterval(this.#laterAcks);
        this.#viewers.clear();
        this.#screen.close();
    }
    #produced(bytes) {
        this.#ring.append(bytes);
        for (const viewer of this.#viewers)
            viewer.pump(null);
        // Last, since the buffer goes to the other thread.
        this.#screen.output(bytes);
        this.#flow.update();
    }
    #ended(exit) {
        this.#exit = exit;
        this.#flow.stop();
        for (const viewer of this.#viewers)
            viewer.pump(exit);
        this.#events.onExit();
    }
    #restore(viewer, picture) {
        if (!this.#viewers.has(viewer))
            return;
        viewer.restore(picture);
        this.pump(viewer);
    }
    #resizeAndTell(next) {
        if (next === this.#size)
            return;
        this.#resize(next);
        this.#events.onChanged();
    }
    #resize(next) {
        const changed = !lease.sameSize(next, this.#size);
        this.#size = next;
        if (!changed)
            return;
        // The screen first: what the program prints for its new size is then drawn at that size.
        this.#screen.resize(next.cols, next.rows);
        this.#pty.resize(next);
    }
    #acknowledge(viewer, upTo) {
        this.#ackWaiting.set(viewer, upTo);
        this.#laterAcks ??= setTimeout(() => { this.#laterAcks = null; for (const [v, u] of this.#ackWaiting) v.port.tell({ type: 'applied', terminal: this.number, upTo: u }); this.#ackWaiting.clear(); }, 5);
    }
    #acknowledgeOld(viewer, upTo) {
        if (this.#pty.unwrittenBytes <= UNREAD_INPUT_BYTES_MAX) {
            this.#ackWaiting.delete(viewer);
            return viewer.port.tell({ type: 'applied', terminal: this.number, upTo });
        }
        this.#ackWaiting.set(viewer, upTo);
        this.#laterAcks ??= setInterval(() => this.#acknowledgeLater(), UNREAD_INPUT_LOOK_EVERY_MS);
    }
    #acknowledgeLater() {
        if (this.#pty.unwrittenBytes > UNREAD_INPUT_BYTES_MAX && this.#exit === null)
            return;
        if (this.#laterAcks !== null)
            clearInterval(this.#laterAcks);
        this.#laterAcks = null;
        for (const [viewer, upTo] of this.#ackWaiting)
            viewer.port.tell({ type: 'applied', terminal: this.number, upTo });
        this.#ackWaiting.clear();
    }
}
const ledgerKey = (port, writer) => `${port.app} ${writer}`;
/** Names are shown to others: no control, formatting or line breaking characters. */
const printable = (name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
//# sourceMappingURL=terminal.js.map