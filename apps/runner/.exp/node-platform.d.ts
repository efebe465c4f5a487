import type { Platform } from '@latchkey/connection/transport';
/** Node's clock, timers, randomness, and `ws` without compression (which costs a flood half its speed). */
export declare const nodePlatform: Platform;
