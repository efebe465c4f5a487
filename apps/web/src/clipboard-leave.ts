import { type Subject, subject } from '@latchkey/connection/observable'
import { keep, kept } from './kept.ts'

/** Whether programs of a machine may put text on this device's clipboard, as its person said once. None can ever read it. */

/** Machines for which the answer was "not now". They are asked about again when the page is opened anew. */
const notNow = new Set<string>()

/** Grows with each answer. */
export const clipboardAnswers: Subject<number> = subject(0)

const keyOf = (runnerId: string): string => `copies.${runnerId}`

export function mayCopy(runnerId: string): 'yes' | 'no' | 'ask' {
  if (kept(keyOf(runnerId)) === 'yes') return 'yes'
  return notNow.has(runnerId) ? 'no' : 'ask'
}

export function allowCopies(runnerId: string): void {
  keep(keyOf(runnerId), 'yes')
  told()
}

export function refuseCopies(runnerId: string): void {
  notNow.add(runnerId)
  told()
}

/** Takes the answer back: the next program that copies asks again. */
export function askAboutCopies(runnerId: string): void {
  keep(keyOf(runnerId), null)
  notNow.delete(runnerId)
  told()
}

const told = (): void => clipboardAnswers.set(clipboardAnswers.current + 1)
