import { expect, it } from 'vitest'
import { connectApp, textOf, until } from '../testing/app-under-test.ts'
import { keeperUnderTest } from '../testing/keeper-under-test.ts'

const SIZES = [
  { cols: 60, rows: 20 },
  { cols: 60, rows: 12 },
  { cols: 40, rows: 16 },
] as const

/** A terminal that printed a line at each of the sizes, the last one its own, and where the output stood after the first. */
async function resizedTerminal() {
  const kept = keeperUnderTest()
  const machine = await kept.runner()
  const app = connectApp(machine.accept)
  const terminal = await app.open(SIZES[0])
  app.attach(terminal, { size: SIZES[0] })
  await until(() => app.seen(terminal).snapshots.length > 0)
  let typed = 0
  let early = 0
  for (const [at, size] of SIZES.entries()) {
    app.resize(terminal, size)
    await app.heard('terminal', (info) => info.cols === size.cols && info.rows === size.rows)
    const line = `echo SI""ZE-${at}\n`
    app.type(terminal, typed, line)
    typed += line.length
    await until(() => textOf(app.seen(terminal).bytes).includes(`SIZE-${at}`))
    if (at === 0) early = app.seen(terminal).end
  }
  const { end } = app.seen(terminal)
  app.cut()
  await machine.leave()
  return { kept, terminal, early, end }
}

it('the sizes that a terminal had before its runner are not told again', async () => {
  const { kept, terminal, end } = await resizedTerminal()
  const next = await kept.runner()
  // At once: the app is here while the next runner draws the older output.
  const app = connectApp(next.accept)
  app.attach(terminal, { from: end, size: SIZES[2] })
  const { applied } = await app.heard('attached')
  app.type(terminal, applied, 'echo AF""TER\n')
  await until(() => textOf(app.seen(terminal).bytes).includes('AFTER'))
  const told = app.messages.flatMap((each) =>
    each.type === 'terminal' ? [each] : each.type === 'welcome' ? each.terminals : [],
  )
  expect(new Set(told.map(({ cols, rows }) => `${cols} x ${rows}`))).toEqual(new Set(['40 x 16']))
  expect(app.seen(terminal).snapshots).toEqual([])
})

it('an app that missed a change of size gets the screen from the next runner, not output for another size', async () => {
  const { kept, terminal, early } = await resizedTerminal()
  const next = await kept.runner()
  const app = connectApp(next.accept)
  app.attach(terminal, { from: early, size: SIZES[2] })
  await until(() => app.seen(terminal).snapshots.length > 0)
  expect(app.seen(terminal).snapshots).toMatchObject([{ kind: 'screen', cols: 40, rows: 16 }])
})
