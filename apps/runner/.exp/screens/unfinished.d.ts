/**
 * The bytes that a terminal has taken in but not acted on: a sequence or a character that is not complete. A snapshot ends
 * with them, so that what follows means the same to a new viewer.
 */
/**
 * @param before what was unfinished before `bytes`
 * @param inSequence whether the terminal is inside a sequence after `bytes`
 */
export declare function unfinishedAfter(before: Uint8Array, bytes: Uint8Array, inSequence: boolean): Uint8Array;
