/**
 * Each PIN that a person types is one guess for a broker that stands between them and the machine. A machine draws new digits
 * for every attempt, so the same digits a second time are a sign that a broker asks twice for one PIN. They are refused,
 * whichever machine the broker names.
 */

/** A machine shows its PIN for two minutes. The same digits much later belong to another PIN. */
const REMEMBERED_MS = 10 * 60_000
/** More than anybody types in that time. */
const REMEMBERED_MAX = 32

/** Keeps the typed digits for the next try, in a file or a browser's storage. They are used up, so they are no secret. */
export interface TypedPinStore {
  /** what `write` was given last; empty when there is nothing */
  read(): string
  write(text: string): void
}

/** For an app whose every try is in one process. */
export function typedPinsInMemory(): TypedPinStore {
  let kept = ''
  return {
    read: () => kept,
    write: (text) => {
      kept = text
    },
  }
}

/** Remembers that `pin` is typed now. False when it was typed before: it must not be used then. */
export function isTypedFirst(store: TypedPinStore, pin: string, nowMs: number): boolean {
  const typed = readTyped(store.read()).filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < REMEMBERED_MS)
  const isFirst = typed.every((each) => each.pin !== pin)
  const now = [...typed.filter((each) => each.pin !== pin), { pin, atMs: nowMs }].slice(-REMEMBERED_MAX)
  store.write(now.map(({ atMs, pin: digits }) => `${atMs} ${digits}`).join('\n'))
  return isFirst
}

function readTyped(text: string): readonly { readonly pin: string; readonly atMs: number }[] {
  return text.split('\n').flatMap((line) => {
    const [, atMs, pin] = /^(\d{1,15}) (\d{4,12})$/.exec(line) ?? []
    return atMs === undefined || pin === undefined ? [] : [{ pin, atMs: Number(atMs) }]
  })
}
