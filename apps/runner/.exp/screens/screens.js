import { Worker } from 'node:worker_threads';
/** Beyond this much output not yet drawn its PTY waits; it goes on at half of it. */
export const UNDRAWN_BYTES_MAX = 8 * 1024 * 1024;
/** @param onFailure the thread died, which no screen survives: the runner has to end */
export function startScreens(onFailure) {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    // No arguments of the main thread: a runner under a test or a debugger has some that a worker refuses.
    const worker = new Worker(new URL(`./screen-worker.${ending}`, import.meta.url), { execArgv: [], env: {} });
    const open = new Map();
    let stopping = false;
    let next = 1;
    worker.on('error', onFailure);
    worker.on('exit', () => {
        if (!stopping)
            onFailure(new Error('the thread of the screens ended'));
    });
    worker.on('message', (message) => {
        const screen = open.get(message.screen);
        if (screen !== undefined)
            hear(screen, message);
    });
    const tell = (message, handedOver = []) => worker.postMessage(message, [...handedOver]);
    return {
        open(cols, rows, events) {
            const id = next++;
            const screen = { events, waiting: new Map(), given: 0, drawn: 0 };
            open.set(id, screen);
            tell({ type: 'open', screen: id, cols, rows });
            return handle(id, screen, tell, () => open.delete(id));
        },
        async stop() {
            stopping = true;
            open.clear();
            await worker.terminate();
        },
    };
}
function handle(id, screen, tell, forget) {
    let requests = 0;
    const ask = (give) => {
        screen.waiting.set(++requests, give);
        return requests;
    };
    return {
        output: (bytes) => {
            screen.given += bytes.length;
            tell({ type: 'output', screen: id, bytes }, [bytes.buffer]);
        },
        resize: (cols, rows) => tell({ type: 'resize', screen: id, cols, rows }),
        interrupt: () => tell({ type: 'interrupt', screen: id }),
        snapshot: (give) => tell({ type: 'snapshot', screen: id, request: ask(give) }),
        scrollback: (lines, give) => tell({ type: 'scrollback', screen: id, request: ask(give), lines }),
        get undrawnBytes() {
            return screen.given - screen.drawn;
        },
        close: () => {
            screen.waiting.clear();
            forget();
            tell({ type: 'close', screen: id });
        },
    };
}
function hear(screen, message) {
    switch (message.type) {
        case 'drawn':
            screen.drawn = message.upTo;
            return screen.events.onDrawn();
        case 'reply':
            return screen.events.onReply(message.text);
        case 'picture': {
            const give = screen.waiting.get(message.request);
            screen.waiting.delete(message.request);
            return give?.(message);
        }
    }
}
//# sourceMappingURL=screens.js.map