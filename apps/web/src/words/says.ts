/** What happened, then the next step; an empty step is left out. */
export type Says = readonly [fact: string, next: string]
