/**
 * The few words that every decision is made of. Nothing here knows a clock, a random source or an I/O.
 */

declare const brand: unique symbol

/** A value that only its parser makes, so that a `SocketId` can never stand where a `RunnerId` is wanted. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** A moment, in milliseconds since the epoch, by the store's clock: never by the broker's own. */
export type Instant = Brand<number, 'Instant'>

/** Names a moment. Throws for a number that is not finite, since that is a programmer’s error. */
export function instant(epochMs: number): Instant {
  invariant(Number.isFinite(epochMs), `not a moment: ${epochMs}`)
  return epochMs as Instant
}

/** The moment `ms` milliseconds after `at` (before it when negative). */
export const later = (at: Instant, ms: number): Instant => instant(at + ms)

/** `byteCount` uniformly random bytes. The shell passes the platform's source, tests a seeded one. */
export type Entropy = (byteCount: number) => Uint8Array

/** Either the wanted value or a refusal. A refusal is a value; a bug is a throw. */
export type Decision<T, Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export const accept = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })
export const refuse = <R>(refusal: R): { readonly ok: false; readonly refusal: R } => ({ ok: false, refusal })

/** Throws when a programmer's assumption does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`)
}

/** The end of a switch over a union: the compiler refuses it while a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`)
}
