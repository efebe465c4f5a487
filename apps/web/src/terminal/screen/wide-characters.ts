import { useCurrentWidths } from '@latchkey/connection/emulator/widths'
import type { ITerminalAddon, Terminal } from '@xterm/xterm'
import { putOff } from '../../parts/later.tsx'

/** ASCII takes one cell in every table, and nothing in it joins the character before it. */
const BEYOND_ASCII = /[^\x00-\x7f]/

type Widths = () => ITerminalAddon

let known: Widths | null = null

/** The tables of all other characters, 13 KB on the way to a phone. Null where they cannot be had; the next try may succeed. */
async function load(): Promise<Widths | null> {
  const loaded = await import('@xterm/addon-unicode-graphemes').catch(() => null)
  if (loaded !== null) known = () => new loaded.UnicodeGraphemesAddon()
  return known
}
putOff(load)

/**
 * Lets an emulator draw before the tables of widths are there, as long as all that is drawn is ASCII: most first prompts are.
 * From the first other character on, writes wait for the tables, in their order. Credit bounds them: it is granted for
 * drawn output. Without a network they are drawn by the emulator's own, older tables.
 */
export function drawAsWidthsAreKnown(terminal: Terminal): void {
  const use = (widths: Widths) => useCurrentWidths(terminal, widths())
  if (known !== null) return use(known)
  const write = terminal.write.bind(terminal)
  let held: (readonly [data: string | Uint8Array, drawn?: () => void])[] = []
  let isReady = false
  const goOn = (widths: Widths | null) => {
    if (widths !== null) use(widths)
    isReady = widths !== null
    const waited = held
    held = []
    for (const [data, drawn] of waited) write(data, drawn)
  }
  terminal.write = (data, drawn) => {
    const isPlain = typeof data === 'string' && !BEYOND_ASCII.test(data)
    if (isReady || (held.length === 0 && isPlain)) return write(data, drawn)
    held.push(drawn === undefined ? [data] : [data, drawn])
    if (held.length === 1) void load().then(goOn)
  }
}
