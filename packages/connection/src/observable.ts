import type { Cancel } from './transport.ts'

/** A value that changes, with listeners. */
export interface Observable<T> {
  readonly current: T
  /** `listener` hears every later value, not the current one. */
  subscribe(listener: (value: T) => void): Cancel
}

export interface Subject<T> extends Observable<T> {
  /** Tells the listeners, unless `value` is the very same value as before. */
  set(value: T): void
}

export function subject<T>(initial: T): Subject<T> {
  let current = initial
  const listeners = new Set<(value: T) => void>()
  return {
    get current() {
      return current
    },
    subscribe(listener) {
      // Its own identity per subscription: the same function may be given twice.
      const heard = (value: T) => listener(value)
      listeners.add(heard)
      return () => void listeners.delete(heard)
    },
    set(value) {
      if (Object.is(value, current)) return
      current = value
      for (const listener of [...listeners]) listener(value)
    },
  }
}
