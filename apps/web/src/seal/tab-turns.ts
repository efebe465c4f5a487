/**
 * Turns between the tabs of one browser where it withholds its locks (plain HTTP): a note in what all tabs see. Two notes
 * written at once are told apart by who wrote last, which a tab sees by looking again; so this is no lock, but close to one.
 */
export interface TabTurns {
  readonly read: (name: string) => string | null
  /** null removes; false when nothing is kept */
  readonly write: (name: string, note: string | null) => boolean
  readonly nowMs: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly newId: () => string
  /** Has `run` called when this tab is left or loaded anew, until the returned function is called. */
  readonly onLeave: (run: () => void) => () => void
}

/** The turn of a killed tab ends after this. A living tab gives its turn back sooner. */
export const TURN_MS_MAX = 12_000
/** Until a note of another tab that wrote at the same time is seen, and how often a tab looks that waits. */
const SETTLES_MS = 60

/** Runs `run` while no other tab does under this name. Without storage it runs at once. */
export async function inTabTurn<Result>(
  tabs: TabTurns,
  name: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const id = tabs.newId()
  const giveBack = () => {
    if (isBy(tabs.read(name), id)) tabs.write(name, null)
  }
  const stay = tabs.onLeave(giveBack)
  try {
    while (!(await hasTurn(tabs, name, id))) await tabs.wait(SETTLES_MS)
    return await run()
  } finally {
    giveBack()
    stay()
  }
}

async function hasTurn(tabs: TabTurns, name: string, id: string): Promise<boolean> {
  const leftMs = endOf(tabs.read(name)) - tabs.nowMs()
  // A longer one was noted before the clock was set back.
  if (leftMs > 0 && leftMs <= TURN_MS_MAX) return false
  const note = `${id} ${tabs.nowMs() + TURN_MS_MAX}`
  if (!tabs.write(name, note)) return true
  await tabs.wait(SETTLES_MS)
  return tabs.read(name) === note
}

const endOf = (note: string | null): number => Number(note?.split(' ')[1] ?? 0)
const isBy = (note: string | null, id: string): boolean => note?.split(' ')[0] === id
