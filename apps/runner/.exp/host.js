import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { startRunnerLink } from '@latchkey/connection/runner/runner-link';
import { generatePairingCode } from '@latchkey/domain/runner-pairing/code';
import { CloseReason } from '@latchkey/protocol/terminal/frames';
import { AppChannel } from './app-channel.js';
import { nodePlatform } from './node-platform.js';
import { startScreens } from './screens/screens.js';
import { defaultFolder, defaultShell, shellProgram } from './shell-environment.js';
import { Terminals } from './terminals.js';
export const TERMINALS_MAX = 32;
/** So many apps at once; each has one channel a window. */
const CHANNELS_MAX = 256;
/** Offers this machine's terminals to the apps that a broker lets through. Goes on until `stop`, whatever the network does. */
export function startRunner(options) {
    const env = options.env ?? process.env;
    const shell = options.shell ?? defaultShell(env);
    const folder = options.folder ?? defaultFolder();
    // A wrong shell or folder is found now, not by the first app.
    shellProgram({ shell, folder, env });
    const label = (options.label ?? hostname()).slice(0, 64);
    const hosted = hostTerminals({ ...options, label, shell, folder, env });
    const { identity, secret } = options;
    const link = startRunnerLink({
        brokerUrl: options.brokerUrl,
        who: { ...identity, label, incarnation: newIncarnation(), ...(secret === undefined ? {} : { secret }) },
        freshCode: () => generatePairingCode(nodePlatform.randomBytes),
        platform: nodePlatform,
        accept: hosted.accept,
        onEvent: options.onEvent,
    });
    return Promise.resolve({
        runnerId: identity.runnerId,
        shell,
        folder,
        get openTerminals() {
            return hosted.terminals.openCount;
        },
        rotate: () => link.rotate(),
        stop: async () => {
            const ended = hosted.stop();
            link.stop();
            await ended;
        },
        kill: () => hosted.terminals.kill(),
    });
}
/** The terminals of this machine and the channels of the apps that use them, without a broker. */
export function hostTerminals(options) {
    const channels = new Set();
    const screens = startScreens((problem) => {
        throw problem;
    });
    const { shell, folder, env } = options;
    const terminals = new Terminals({
        program: () => shellProgram({ shell, folder, env }),
        terminalsMax: options.terminalsMax ?? TERMINALS_MAX,
        firstNumber: randomInt(0x10000),
        screens,
    }, {
        onTerminal: (info) => channels.forEach((channel) => channel.onTerminal(info)),
        onGone: (terminal) => channels.forEach((channel) => channel.onGone(terminal)),
        onCount: (open) => options.onEvent({ type: 'terminals', open }),
    });
    const welcome = { machine: options.label, shell: basename(shell), mayType: options.viewOnly !== true };
    const tell = (type, { app, label, address }) => options.onEvent({ type, appSessionId: app, label, address });
    const accept = (opened) => {
        const channel = new AppChannel(opened, terminals, welcome, (ended) => {
            channels.delete(ended);
            tell('disconnected', ended);
        });
        channels.add(channel);
        tell('connected', channel);
        // Not before the connection knows of it; its listener is what this returns.
        if (channels.size > CHANNELS_MAX)
            queueMicrotask(() => channel.close(CloseReason.tooSlow));
        return channel;
    };
    return {
        accept,
        terminals,
        stop: async () => {
            await terminals.stop();
            for (const channel of [...channels])
                channel.close(CloseReason.runnerGone);
            await screens.stop();
        },
    };
}
const newIncarnation = () => Buffer.from(nodePlatform.randomBytes(16)).toString('hex');
//# sourceMappingURL=host.js.map