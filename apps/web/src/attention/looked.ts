import { entriesIn, keep, kept } from '../kept.ts'
import type { HasLooked } from './needs.ts'

/** Which ends of programs a person has looked at, kept over reloads. */

const KEY = 'looked'
/** More terminals than a person has; older ones are shown as not looked at again. */
const LOOKED_MAX = 200

/** By runner and terminal: up to which moment of the machine. */
const looked = new Map<string, number>()
for (const [key, value] of entriesIn(kept(KEY)) ?? []) if (typeof value === 'number') looked.set(key, value)

const keyOf = (runnerId: string, terminal: number): string => `${runnerId} ${terminal}`

export const hasLooked: HasLooked = (runnerId, terminal, sinceMs) =>
  sinceMs <= (looked.get(keyOf(runnerId, terminal)) ?? -1)

/** A person has the terminal before them, in a state that began at `sinceMs`. False when that was known. */
export function noteLooked(runnerId: string, terminal: number, sinceMs: number): boolean {
  if (hasLooked(runnerId, terminal, sinceMs)) return false
  const key = keyOf(runnerId, terminal)
  looked.delete(key)
  looked.set(key, sinceMs)
  for (const [oldest] of looked) {
    if (looked.size <= LOOKED_MAX) break
    looked.delete(oldest)
  }
  keep(KEY, JSON.stringify(Object.fromEntries(looked)))
  return true
}
