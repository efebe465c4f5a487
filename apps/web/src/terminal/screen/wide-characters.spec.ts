import { Terminal } from '@xterm/xterm'
import { expect, it } from 'vitest'
import { drawAsWidthsAreKnown } from './wide-characters.ts'

/** A family, a flag and a keycap: two cells each. */
const WIDE = '👨‍👩‍👧🇩🇪1️⃣'

const drawn = async (writes: readonly string[]): Promise<{ text: string; column: number }> => {
  const terminal = new Terminal({ cols: 40, rows: 3, allowProposedApi: true })
  drawAsWidthsAreKnown(terminal)
  const all = writes.map((data) => new Promise<void>((done) => terminal.write(data, done)))
  await Promise.all(all)
  const { active } = terminal.buffer
  return { text: active.getLine(0)?.translateToString(true) ?? '', column: active.cursorX }
}

it('what is drawn before and after the tables came stands in its order and takes the same cells', async () => {
  const once = await drawn(['$ ', WIDE, 'x', 'y'])
  expect(once).toEqual({ text: `$ ${WIDE}xy`, column: 10 })
  // The tables are known now.
  expect(await drawn(['$ ', WIDE, 'x', 'y'])).toEqual(once)
})
