import { HostedTerminal } from './terminal.js';
/** A terminal whose program has ended stays for so long without anybody watching. */
export const ENDED_KEPT_MS = 60_000;
const NUMBER_MAX = 0xffff;
/** All terminals of a runner. */
export class Terminals {
    #terminals = new Map();
    #closing = new Set();
    /** who waits for a terminal's end */
    #waiting = new Map();
    #forgetTimers = new Map();
    #options;
    #listener;
    #nextNumber;
    #opened = 0;
    /**
     * @param options.firstNumber random: an app that comes back to another life of this runner must not take a new terminal
     *   for its old one
     */
    constructor(options, listener) {
        this.#options = options;
        this.#listener = listener;
        this.#nextNumber = options.firstNumber % (NUMBER_MAX + 1);
    }
    get list() {
        return [...this.#terminals.values()].map((terminal) => terminal.info);
    }
    /** programs that run */
    get openCount() {
        return [...this.#terminals.values()].filter((terminal) => !terminal.hasEnded).length;
    }
    get(number) {
        return this.#terminals.get(number) ?? null;
    }
    open(name, size) {
        const { terminalsMax, program, screens } = this.#options;
        if (this.#terminals.size >= terminalsMax && !this.#forgetAnEndedOne())
            return { ok: false, code: 'TOO_MANY_TERMINALS', message: `This machine opens at most ${terminalsMax} terminals.` };
        const number = this.#takeNumber();
        this.#opened += 1;
        try {
            const terminal = new HostedTerminal({ number, name: name || `Terminal ${this.#opened}`, program: program(), size }, screens, { onChanged: () => this.#changed(number), onExit: () => this.#exited(number) });
            this.#terminals.set(number, terminal);
            this.#changed(number);
            this.#listener.onCount(this.openCount);
            return { ok: true, terminal };
        }
        catch (problem) {
            const message = problem instanceof Error ? problem.message : String(problem);
            return { ok: false, code: 'CANNOT_START', message: `The shell could not be started: ${message}` };
        }
    }
    close(terminal) {
        if (terminal.hasEnded)
            return this.#forget(terminal);
        this.#closing.add(terminal.number);
        terminal.end();
    }
    /** Ends every program and waits until all have ended. */
    async stop() {
        for (const timer of this.#forgetTimers.values())
            clearTimeout(timer);
        const running = [...this.#terminals.values()];
        await Promise.all(running.map((terminal) => this.#stopped(terminal)));
    }
    /** Ends every program at once; for when this process has no time left. */
    kill() {
        for (const terminal of this.#terminals.values())
            terminal.kill();
    }
    #stopped(terminal) {
        return new Promise((resolve) => {
            this.#waiting.set(terminal.number, resolve);
            this.close(terminal);
        });
    }
    #changed(number) {
        const terminal = this.#terminals.get(number);
        if (terminal === undefined)
            return;
        this.#listener.onTerminal(terminal.info);
        if (terminal.hasEnded)
            this.#forgetLater(terminal);
    }
    #exited(number) {
        const terminal = this.#terminals.get(number);
        if (terminal === undefined)
            return;
        this.#changed(number);
        this.#listener.onCount(this.openCount);
        if (this.#closing.has(number))
            this.#forget(terminal);
    }
    #forgetLater(terminal) {
        const timer = this.#forgetTimers.get(terminal.number);
        if (terminal.isWatched) {
            clearTimeout(timer);
            this.#forgetTimers.delete(terminal.number);
        }
        else if (timer === undefined) {
            this.#forgetTimers.set(terminal.number, setTimeout(() => this.#forget(terminal), ENDED_KEPT_MS));
        }
    }
    #forget(terminal) {
        const { number } = terminal;
        clearTimeout(this.#forgetTimers.get(number));
        this.#forgetTimers.delete(number);
        this.#closing.delete(number);
        if (!this.#terminals.delete(number))
            return;
        terminal.dispose();
        this.#listener.onGone(number);
        this.#waiting.get(number)?.();
        this.#waiting.delete(number);
    }
    /** Room for a new terminal, where an old one has ended and nobody looks at it. */
    #forgetAnEndedOne() {
        for (const terminal of this.#terminals.values()) {
            if (!terminal.hasEnded || terminal.isWatched)
                continue;
            this.#forget(terminal);
            return true;
        }
        return false;
    }
    #takeNumber() {
        while (this.#terminals.has(this.#nextNumber))
            this.#nextNumber = (this.#nextNumber + 1) % (NUMBER_MAX + 1);
        const number = this.#nextNumber;
        this.#nextNumber = (number + 1) % (NUMBER_MAX + 1);
        return number;
    }
}
//# sourceMappingURL=terminals.js.map