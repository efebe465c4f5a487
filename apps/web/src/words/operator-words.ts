import { invariant } from '@latchkey/domain/kernel'
import type * as operatorEn from './operator-en.ts'

type OperatorWords = typeof operatorEn

let loaded: OperatorWords | null = null

/** The English sentences of the console and of the page that links accounts; `loadOperatorWords` comes first. */
export function operatorWords(): OperatorWords {
  invariant(loaded !== null, 'the words of the console are loaded before its page')
  return loaded
}

/** Loads them: the other languages are files of their own already, English is part of every first page. */
export async function loadOperatorWords(): Promise<void> {
  loaded ??= await import('./operator-en.ts')
}
