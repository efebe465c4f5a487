import { openAppLink } from '@latchkey/connection/app/app-link'
import type { AppLink, TerminalWatch } from '@latchkey/connection/app/link'
import { atCleanUp } from '../../apps/broker/src/testing/harness.ts'
import { nodePlatform } from '../../apps/cli/src/attach/node-platform.ts'

const SIZE = { cols: 80, rows: 24 }

/** An app in a terminal of its own, where a program gives back every byte that is typed. */
export interface EchoingApp {
  readonly link: AppLink
  readonly watch: TerminalWatch
  /** Types the next piece of a text that never repeats, when it is taken. */
  type(): void
  /** everything that was taken, and everything that came back */
  readonly typed: () => Buffer
  readonly drawn: () => Buffer
  /** reported losses, and snapshots in place of resumed output; empty when no byte was lost */
  readonly breaks: string[]
}

/** Pairs with the machine that shows `code`, opens a terminal and starts the program. It does not seal: these tests judge the link only. */
export async function echoingApp(brokerUrl: string, code: string, label: string): Promise<EchoingApp> {
  const link = openAppLink({
    brokerUrl,
    credential: null,
    label,
    locale: 'en',
    platform: nodePlatform,
    seal: null,
    onCredential: () => {},
  })
  atCleanUp(() => link.close())
  const paired = await link.pair(code)
  if (!paired.success) throw new Error(`not paired: ${paired.code}`)
  await holds(`${label} to be live`, () => link.state.current.status === 'live')
  const opened = await link.openTerminal(SIZE)
  if (!opened.ok) throw new Error(opened.message)
  let parts: Uint8Array[] = []
  const breaks: string[] = []
  const watch = link.watch(opened.terminal, SIZE, {
    write: (bytes, drawn) => {
      parts.push(bytes)
      setImmediate(drawn)
    },
    reset: (_, drawn) => {
      breaks.push('drawn anew')
      drawn()
    },
    gap: (byteCount) => breaks.push(`${byteCount} bytes lost`),
    size: () => {},
    exited: () => breaks.push('the program ended'),
    gone: () => breaks.push('the terminal is gone'),
  })
  watch.held.subscribe((held) => held !== null && watch.sendHeld())
  watch.type(bytesOf('stty raw -echo; echo READY-$((1+1)); exec cat\r'))
  await holds(`the program of ${label}`, () => Buffer.concat(parts).toString().includes('READY-2\n'))
  parts = []
  breaks.length = 0
  const typed: Uint8Array[] = []
  let count = 0
  return {
    link,
    watch,
    breaks,
    type: () => {
      const piece = bytesOf(`${label} ${count++}, `)
      if (watch.type(piece) === 'taken') typed.push(piece)
    },
    typed: () => Buffer.concat(typed),
    drawn: () => Buffer.concat(parts),
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

export async function holds(what: string, isSo: () => boolean, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
