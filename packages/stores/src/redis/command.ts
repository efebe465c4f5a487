/** One command of Redis: its name, the one key it is about, and what follows. */
export type Command = readonly [name: string, key: string, ...rest: (string | number)[]]
