import { readCsi } from '@latchkey/connection/app/known-output'
import { expect, it } from 'vitest'
import { TitleStack } from './title-stack.ts'

const push = '22;2t'
const pop = '23;2t'
const after = (...bodies: readonly string[]) => {
  const titles = new TitleStack()
  const passed = bodies.map((body) => {
    const csi = readCsi(body)
    return csi === null ? null : titles.translate(csi)
  })
  return { passed, giveBack: titles.giveBack }
}

it('a program that is watched pushes and pops its own titles', () => {
  expect(after(push, pop)).toEqual({ passed: ['22;0t', '23;0t'], giveBack: '\x1b[23;0t' })
})

it('a program cannot pop the title of the person who watches', () => {
  expect(after(pop, '23t').passed).toEqual([null, null])
})

it('what a program pushed and never popped is popped when the person leaves', () => {
  expect(after(push, push, pop).giveBack).toBe('\x1b[23;0t\x1b[23;0t')
})

it('titles without end do not push the title of the person off the stack', () => {
  const { passed } = after(...Array.from({ length: 30 }, () => push))
  expect(passed.filter((each) => each !== null)).toHaveLength(8)
})

it('all else passes as it is', () => {
  expect(after('1;31m').passed).toEqual(['1;31m'])
})
