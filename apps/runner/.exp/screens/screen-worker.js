import { parentPort } from 'node:worker_threads';
import { Screen } from './screen.js';
/** The thread that draws all screens, so that drawing never delays a keystroke. Started by `screens.ts`. */
const port = parentPort;
if (port === null)
    throw new Error('this file runs as a worker thread');
const screens = new Map();
const tell = (message, ...handedOver) => port.postMessage(message, handedOver);
port.on('message', (message) => {
    if (message.type === 'open')
        return void screens.set(message.screen, open(message));
    const screen = screens.get(message.screen);
    if (screen === undefined)
        return;
    const give = (request) => (picture) => tell({ type: 'picture', screen: message.screen, request, ...picture }, picture.bytes.buffer);
    switch (message.type) {
        case 'output':
            return screen.output(message.bytes);
        case 'resize':
            return screen.resize(message.cols, message.rows);
        case 'interrupt':
            return screen.interrupt();
        case 'snapshot':
            return screen.snapshot(give(message.request));
        case 'scrollback':
            return screen.scrollback(message.lines, give(message.request));
        case 'close':
            screens.delete(message.screen);
            return screen.close();
    }
});
function open({ screen, cols, rows }) {
    return new Screen(cols, rows, {
        onDrawn: (upTo) => tell({ type: 'drawn', screen, upTo }),
        onReply: (text) => tell({ type: 'reply', screen, text }),
    });
}
//# sourceMappingURL=screen-worker.js.map