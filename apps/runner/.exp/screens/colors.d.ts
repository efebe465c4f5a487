import type { Terminal } from '@xterm/headless';
/** Remembers the colours that programs set, and answers those who ask. */
export declare class Colors {
    #private;
    constructor(terminal: Terminal, reply: (text: string) => void);
    /** The sequences that set these colours in another terminal, all others being its own. */
    dress(): string;
}
