import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Whose code asks: ours, and not a test's, a fake's or a library's. */
const OURS = /\/(apps|packages)\/[^/]+\/src\/(?!testing\/|.*\.spec\.ts)/
const firstOfOurs = (): string | undefined =>
  new Error().stack
    ?.split('\n')
    .find((line) => !line.includes('/testing/watched.ts') && /\/(apps|packages|node_modules)\//.test(line))

/** Repeats a look until it is stopped; answers with what it found. */
export interface Watched {
  stop(): readonly string[]
}

/** The timers that our own code began and that still wait, with the line that began each. */
export function watchTimers(): Watched {
  const {
    setTimeout: timeout,
    setInterval: interval,
    clearTimeout: endTimeout,
    clearInterval: endInterval,
  } = globalThis
  const waiting = new Map<unknown, string>()
  const noted = (timer: NodeJS.Timeout): NodeJS.Timeout => {
    const line = firstOfOurs()
    if (line !== undefined && OURS.test(line)) waiting.set(timer, line.trim())
    return timer
  }
  globalThis.setTimeout = Object.assign(
    (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      const timer = timeout(() => {
        waiting.delete(timer)
        run(...args)
      }, ms)
      return noted(timer)
    },
    timeout,
  )
  globalThis.setInterval = Object.assign(
    (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => noted(interval(run, ms, ...args)),
    interval,
  )
  const ends =
    (end: (timer: NodeJS.Timeout | string | number | undefined) => void) =>
    (timer: NodeJS.Timeout | string | number | undefined) => {
      waiting.delete(timer)
      end(timer)
    }
  globalThis.clearTimeout = ends(endTimeout)
  globalThis.clearInterval = ends(endInterval)
  return {
    stop: () => {
      Object.assign(globalThis, { setTimeout: timeout, setInterval: interval })
      Object.assign(globalThis, { clearTimeout: endTimeout, clearInterval: endInterval })
      return [...waiting.values()]
    },
  }
}

const WRITES = [
  'writeFile',
  'writeFileSync',
  'appendFile',
  'appendFileSync',
  'createWriteStream',
  'mkdir',
  'mkdirSync',
] as const
const PROMISED_WRITES = ['writeFile', 'appendFile', 'mkdir', 'rename'] as const

/** The files that anybody in this process writes, by the name of the call. */
export function watchFileWrites(): Watched {
  const written: string[] = []
  const restores: (() => void)[] = []
  const watch = (on: object, name: string) => {
    const original: unknown = Reflect.get(on, name)
    if (typeof original !== 'function') return
    Reflect.set(on, name, (...args: unknown[]): unknown => {
      written.push(`${name} ${String(args[0])}`)
      return Reflect.apply(original, on, args)
    })
    restores.push(() => void Reflect.set(on, name, original))
  }
  for (const name of WRITES) watch(fs, name)
  for (const name of PROMISED_WRITES) watch(fs.promises, name)
  syncBuiltinESMExports()
  return {
    stop: () => {
      for (const restore of restores) restore()
      syncBuiltinESMExports()
      return written
    },
  }
}
