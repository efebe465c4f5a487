import type { AppFeatureMessage } from '@latchkey/protocol/terminal/messages'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import type { AdapterWord, StatusListener, TerminalStatus } from './terminal-status.ts'
import { TerminalWatch, type Watched } from './terminal-watch.ts'

/** The status of every terminal: for apps, for the parts of this runner that call a person, for the owner. */
export interface StatusFeature extends ChannelFeature {
  readonly name: 'status'
  /** Tells `listener` what happens from now on; the answer ends that. */
  subscribe(listener: StatusListener): () => void
  /** null for a terminal that is not known, or whose output of before is still being read */
  current(terminal: number): TerminalStatus | null
  /** What an adapter knows has precedence over all signs; null: it knows nothing any more. */
  adapterSays(terminal: number, word: AdapterWord | null): void
  /** Whether an app shows this terminal to a person. */
  isInFront(terminal: number): boolean
  /** For the host: a program gets its terminal. */
  hosting(watched: Watched): void
  /** For the host: who watches it, or something else of it, has changed. */
  changed(terminal: number): void
  /** For the host: it is there no more. */
  gone(terminal: number): void
  /** Reads what is not read yet; then `current` soon has every terminal. */
  want(): void
  stop(): void
}

interface Joined {
  readonly app: FeatureApp
  /** undefined while the app has not said which terminal is in front */
  front: number | null | undefined
}

/** @param options.onIntegrate an app that may type wants new shells to tell of their commands, or not */
export function statusFeature(options: {
  readonly nowMs: () => number
  readonly timeMs: () => number
  readonly onIntegrate: (on: boolean) => void
}): StatusFeature {
  const watches = new Map<number, TerminalWatch>()
  const listeners = new Set<StatusListener>()
  const joined = new Set<Joined>()

  const isInFront = (number: number): boolean => {
    if ([...joined].some(({ front }) => front === number)) return true
    const saying = new Set([...joined].filter(({ front }) => front !== undefined).map(({ app }) => app.app))
    const watchers = watches.get(number)?.watchers ?? []
    return watchers.some(({ app }) => !saying.has(app))
  }
  const tell = ({ app }: Joined, status: TerminalStatus): void => {
    if (app.terminal(status.terminal) !== null) app.tell({ type: 'status', ...status })
  }
  const looksChanged = (numbers: Iterable<number>): void => {
    for (const number of numbers) watches.get(number)?.lookedAt(isInFront(number))
  }
  const want = () => watches.forEach((watch) => watch.want())

  const join = (app: FeatureApp): AppFeature => {
    const one: Joined = { app, front: undefined }
    joined.add(one)
    for (const watch of watches.values()) if (watch.status !== null) tell(one, watch.status)
    want()
    return {
      hear: (message: AppFeatureMessage) => {
        if (message.type === 'front') {
          one.front = message.terminal
          looksChanged(watches.keys())
        }
        if (message.type === 'integrate' && app.mayType) options.onIntegrate(message.on)
      },
      left: () => {
        joined.delete(one)
        looksChanged(watches.keys())
      },
    }
  }
  return {
    name: 'status',
    hears: new Set(['front', 'integrate']),
    streams: new Set(),
    joined: join,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    current: (terminal) => watches.get(terminal)?.status ?? null,
    adapterSays: (terminal, word) => watches.get(terminal)?.adapterSays(word),
    isInFront,
    hosting: (watched) => {
      const { terminal } = watched.kept.info
      watches.get(terminal)?.end()
      const watch = new TerminalWatch(watched, {
        nowMs: options.nowMs,
        timeMs: options.timeMs,
        onStatus: (status, isNews) => {
          for (const one of joined) tell(one, status)
          if (isNews) for (const listener of listeners) listener.changed(status)
        },
      })
      watches.set(terminal, watch)
    },
    changed: (terminal) => looksChanged([terminal]),
    gone: (terminal) => {
      if (!watches.has(terminal)) return
      watches.get(terminal)?.end()
      watches.delete(terminal)
      for (const listener of listeners) listener.gone(terminal)
    },
    want,
    stop: () => {
      for (const watch of watches.values()) watch.end()
      watches.clear()
    },
  }
}
