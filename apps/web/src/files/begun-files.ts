import { hex } from '@latchkey/protocol/bytes'
import { entriesIn, keep, kept } from '../kept.ts'

/** So many files that did not arrive yet are remembered, the newest. */
const BEGUN_MAX = 32
const KEY = /^[0-9a-f]{32}$/
const STORE = 'begun-files'

/**
 * The key of a file that is sent, kept by this browser until the file has arrived: chosen again after a reload, it goes on with
 * what the machine has.
 */
export function begunFile(what: readonly (string | number)[]): { readonly key: string; ended(): void } {
  const name = what.join('\n')
  const known = read().get(name)
  const key = known ?? hex(crypto.getRandomValues(new Uint8Array(16)))
  write(new Map([...read()].filter(([each]) => each !== name).concat([[name, key]])))
  return { key, ended: () => write(new Map([...read()].filter(([each]) => each !== name))) }
}

function read(): ReadonlyMap<string, string> {
  const entries = [...(entriesIn(kept(STORE)) ?? [])]
  return new Map(
    entries.flatMap(([name, key]) =>
      typeof key === 'string' && KEY.test(key) ? [[name, key] as const] : [],
    ),
  )
}

const write = (begun: ReadonlyMap<string, string>): void =>
  void keep(STORE, begun.size === 0 ? null : JSON.stringify(Object.fromEntries([...begun].slice(-BEGUN_MAX))))
