import type { AppMessage, TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Observable } from '../observable.ts'
import type { Platform } from '../transport.ts'
import type { ConnectionLife } from './connection-life.ts'
import type { Machine, Snapshot } from './link.ts'
import type { Watch, WatchWire } from './terminal-watch.ts'

/** What of a session its watches use. */
interface WireSession {
  readonly machine: Observable<Machine | null>
  readonly terminals: Observable<readonly TerminalInfo[]>
  say(message: AppMessage): boolean
  scrollback(terminal: number, lines: number): Promise<Snapshot | null>
}

/** What the watches of `session` may say, over whatever connection there is. */
export function watchWire(
  session: WireSession,
  options: { readonly platform: Platform; readonly changed: () => void },
  life: () => ConnectionLife | null,
  watches: Map<number, Watch>,
): WatchWire {
  return {
    platform: options.platform,
    send: (...messages) => messages.map((message) => session.say(message)).every(Boolean),
    sendInput(terminal, seq, bytes) {
      life()?.sendInput(terminal, seq, bytes)
      return life() !== null
    },
    sendSize(terminal, size) {
      life()?.sendSize(terminal, size)
      return life() !== null
    },
    get writable() {
      return life()?.writable ?? false
    },
    // Before the machine said otherwise, what is typed waits in the queue anyway.
    get mayType() {
      return session.machine.current?.mayType ?? true
    },
    maySize(terminal) {
      const owner = session.terminals.current.find((each) => each.terminal === terminal)?.owner ?? null
      return owner === null || owner === session.machine.current?.you
    },
    scrollback: (terminal, lines) => session.scrollback(terminal, lines),
    detached(watch) {
      if (watches.get(watch.terminal) === watch) watches.delete(watch.terminal)
      options.changed()
    },
    changed: options.changed,
  }
}
