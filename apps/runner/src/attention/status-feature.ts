import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import type { ShellIntegration } from '../shell-integration/shell-integration.ts'
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
  /** For the host: its watchers, or something else of it, have changed. */
  changed(terminal: number): void
  /** For the host: it is there no more. */
  gone(terminal: number): void
  /** Every terminal; one whose output cannot be read in a second is left out. */
  list(): Promise<readonly ListedStatus[]>
  stop(): void
}

export interface ListedStatus extends TerminalStatus {
  /** as people call the terminal */
  readonly name: string
}

/** Up to a megabyte of output is read again after a new start: some tens of milliseconds. */
const LIST_WITHIN_MS = 1_000
const LOOK_EVERY_MS = 10

interface Joined {
  readonly app: FeatureApp
  /** undefined while the app has not said which terminal is in front */
  front: number | null | undefined
}

export function statusFeature(options: {
  readonly nowMs: () => number
  readonly timeMs: () => number
  readonly integration?: ShellIntegration
}): StatusFeature {
  const watches = new Map<number, TerminalWatch>()
  const listeners = new Set<StatusListener>()
  const joined = new Set<Joined>()

  const isInFront = (number: number): boolean => {
    if ([...joined].some(({ front }) => front === number)) return true
    const saying = new Set([...joined].filter(({ front }) => front !== undefined).map(({ app }) => app.app))
    const watchers = watches.get(number)?.watchers ?? []
    // A guest is not the person whom this machine calls.
    return watchers.some(({ app, guest }) => guest !== true && !saying.has(app))
  }
  const tell = ({ app }: Joined, status: TerminalStatus): void => {
    if (app.terminal(status.terminal) !== null) app.tell({ type: 'status', ...status })
  }
  const looksChanged = (numbers: Iterable<number>): void => {
    for (const number of numbers) watches.get(number)?.lookedAt(isInFront(number))
  }
  /** Another terminal is in front of this app now, or none; other windows of it may still show this one. */
  const hide = ({ app, front }: Joined, next: number | null): void => {
    const isShown = [...joined].some(
      (other) => other.app.app === app.app && other.app !== app && other.front === front,
    )
    if (typeof front === 'number' && front !== next && !isShown) app.terminal(front)?.scheme.hidden(app.app)
  }
  const want = () => watches.forEach((watch) => watch.want())

  const integrate = (on: boolean): void => {
    void options.integration?.answer(on)
    for (const watch of watches.values()) watch.weigh()
  }
  const join = (app: FeatureApp): AppFeature => {
    const one: Joined = { app, front: undefined }
    joined.add(one)
    for (const watch of watches.values()) if (watch.status !== null) tell(one, watch.status)
    want()
    return {
      hear: (message: AppFeatureMessage) => {
        if (message.type === 'front') {
          hide(one, message.terminal)
          one.front = message.terminal
          if (message.terminal !== null && message.theme !== undefined && app.mayType)
            app.terminal(message.terminal)?.scheme.shown(app.app, message.theme)
          looksChanged(watches.keys())
        }
        if (message.type === 'integrate' && app.mayType) integrate(message.on)
      },
      left: () => {
        joined.delete(one)
        hide(one, null)
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
        mayIntegrate: () => options.integration?.choice === 'ask',
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
    list: async () => {
      want()
      const endMs = options.nowMs() + LIST_WITHIN_MS
      const isMissing = () => [...watches.values()].some(({ status }) => status === null)
      while (isMissing() && options.nowMs() < endMs)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      return [...watches.values()].flatMap(({ status, name }) =>
        status === null ? [] : [{ ...status, name }],
      )
    },
    stop: () => {
      for (const watch of watches.values()) watch.end()
      watches.clear()
    },
  }
}
