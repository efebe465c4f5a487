import { expect, it } from 'vitest'
import { tallIn } from './tall-lines.ts'

it('upright lines, corners and blocks are pieces of their own; level lines and letters are not', () => {
  expect(tallIn('│ab│')).toEqual([
    [0, 1],
    [3, 4],
  ])
  for (const tall of '┌┐└┘├┤┬┴┼║╔╝╭╯▀▄█░▌') expect(tallIn(tall), tall).toHaveLength(1)
  for (const level of '─━═┄╌╴╶╼ a|-é漢') expect(tallIn(level), level).toEqual([])
})
