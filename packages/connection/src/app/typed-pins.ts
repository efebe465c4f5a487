/**
 * Each PIN that a person types is one guess for a broker that stands between them and the machine. A machine draws new digits
 * for every attempt, so the same digits a second time are a sign that a broker asks again for what one screen shows: they are
 * refused, whichever machine it says asks now.
 */

/** A machine shows its PIN for two minutes. Who types it again later has another one before them. */
const REMEMBERED_MS = 10 * 60_000
/** More than anybody types in that time. */
const REMEMBERED_MAX = 32

/** Keeps what was typed where another try finds it: a file, a browser's storage. Of digits that were used up, so no secret. */
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
