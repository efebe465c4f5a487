import { createInterface } from 'node:readline/promises'
import type { Invocation } from '../command.ts'

/** Asks a person. Without a terminal the answer is no, and `instead` says what a program has to do. */
export async function agreed(call: Invocation, sentence: string, instead: string): Promise<boolean> {
  call.say(sentence)
  if (!('isTTY' in call.stdin) || call.stdin.isTTY !== true) {
    call.complain(instead)
    return false
  }
  const lines = createInterface({ input: call.stdin, terminal: false })
  call.ask('Go on? [y/N] ')
  const answer = await lines.question('')
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}
