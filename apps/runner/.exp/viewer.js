import * as credit from '@latchkey/domain/terminal/credit';
import { DATA_BYTES_MAX } from '@latchkey/protocol/terminal/frames';
/** One app watching one terminal: where it is in the output, and what it is sent next. */
export class Viewer {
    port;
    writer;
    #terminal;
    #ring;
    #requestSnapshot;
    #viewing;
    /** whether it had output before: what it misses is then a gap */
    #resumes;
    /** where the output stood when the snapshot was asked for */
    #askedAt = null;
    #toldExit = false;
    /** @param from the offset up to which it has the output; null for none */
    constructor(options) {
        this.port = options.port;
        this.writer = options.writer;
        this.#terminal = options.terminal;
        this.#ring = options.ring;
        this.#requestSnapshot = options.requestSnapshot;
        const known = options.from !== null && options.from <= options.ring.end ? options.from : null;
        this.#resumes = known !== null;
        this.#viewing =
            known !== null && known >= options.ring.start
                ? credit.following(known)
                : credit.restoring(known ?? options.ring.end);
    }
    /** Where this viewer's output begins, as far as it is known before a snapshot. */
    get offset() {
        return this.#viewing.sent;
    }
    /** Begins, once the viewer has been told that it is attached. */
    begin() {
        this.#restoreIfWanted();
    }
    grant(upTo) {
        this.#viewing = credit.grant(this.#viewing, upTo, this.#ring);
        this.#restoreIfWanted();
    }
    /** Sends what may be sent now; `exit` when the program has ended. */
    pump(exit) {
        if (credit.lostBacklog(this.#viewing, this.#ring))
            this.#viewing = credit.lag(this.#viewing);
        while (!this.port.paused) {
            const next = credit.sendable(this.#viewing, this.#ring.end, DATA_BYTES_MAX);
            if (next === null)
                break;
            const bytes = this.#ring.read(next.start, next.end - next.start);
            if (bytes === null)
                break;
            this.port.output(this.#terminal, next.start, bytes);
            this.#viewing = credit.sentUpTo(this.#viewing, next.end);
        }
        if (exit === null || this.#toldExit || !this.#hasAll())
            return;
        this.#toldExit = true;
        this.port.tell({ type: 'exited', terminal: this.#terminal, ...exit, offset: this.#ring.end });
    }
    /** The picture that was asked for. */
    restore(picture) {
        if (this.#viewing.status !== 'restoring')
            return;
        this.#askedAt = null;
        if (picture.offset < this.#ring.start)
            return this.#restoreIfWanted();
        const terminal = this.#terminal;
        const { sent } = this.#viewing;
        if (this.#resumes && sent < picture.offset)
            this.port.tell({ type: 'gap', terminal, from: sent, to: picture.offset });
        this.#resumes = true;
        sendPicture(this.port, terminal, 'screen', picture);
        this.#viewing = credit.restored(this.#viewing, picture.offset);
    }
    /** It held everybody up for too long. */
    lag() {
        if (this.#viewing.status === 'following')
            this.#viewing = credit.lag(this.#viewing);
    }
    get follows() {
        return this.#viewing.status === 'following';
    }
    /** Whether nothing can be sent before it grants more, or before the broker has room. */
    get isStuck() {
        return this.port.paused || credit.isOutOfCredit(this.#viewing, this.#ring.end);
    }
    /** Output produced since its snapshot was asked for: it must still be kept when the snapshot is there. */
    get awaitedBytes() {
        return this.#askedAt === null ? 0 : this.#ring.end - this.#askedAt;
    }
    #hasAll() {
        return this.#viewing.status === 'following' && this.#viewing.sent === this.#ring.end;
    }
    #restoreIfWanted() {
        if (this.#viewing.status !== 'restoring' || this.#askedAt !== null)
            return;
        this.#askedAt = this.#ring.end;
        this.#requestSnapshot(this);
    }
}
/** A picture: its header, then its bytes in frames. */
export function sendPicture(port, terminal, kind, picture, request) {
    const { offset, cols, rows, bytes } = picture;
    const header = { type: 'snapshot', terminal, kind, offset, cols, rows, bytes: bytes.length };
    port.tell(request === undefined ? header : { ...header, request });
    for (let at = 0; at < bytes.length; at += DATA_BYTES_MAX)
        port.history(terminal, at, bytes.subarray(at, at + DATA_BYTES_MAX));
}
//# sourceMappingURL=viewer.js.map