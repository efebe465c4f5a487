import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import type { CommandOption, Invocation } from '../command.ts'
import { PASSPHRASE_CHARACTERS_MIN } from './sealed-file.ts'

export const passphraseOption: CommandOption = {
  type: 'string',
  value: 'FILE',
  help: 'read the passphrase from the first line of this file; - is standard input. Without it, it is asked for',
}

/**
 * The passphrase of this call from a file, from standard input, or typed unseen; or the problem as a sentence.
 * @param isNew typed twice, and long enough
 */
export async function passphraseOf(call: Invocation, isNew: boolean): Promise<Decision<string, string>> {
  const file = call.text('passphrase-file')
  if (file !== undefined) return fromFile(file, isNew)
  if (!call.stdin.isTTY)
    return refuse('no terminal can ask for the passphrase: name a file with --passphrase-file FILE')
  const typed = await typedUnseen(
    call,
    isNew ? 'New passphrase for the backup: ' : 'Passphrase of the backup: ',
  )
  if (typed === null) return refuse('no passphrase was typed')
  const read = longEnough(typed, isNew)
  if (!read.ok || !isNew) return read
  const again = await typedUnseen(call, 'The same once more: ')
  return again === typed ? read : refuse('the two passphrases differ')
}

function fromFile(file: string, isNew: boolean): Decision<string, string> {
  try {
    const [line = ''] = readFileSync(file === '-' ? 0 : file, 'utf8').split(/\r?\n/)
    return longEnough(line, isNew)
  } catch {
    return refuse(`the passphrase cannot be read from ${file}`)
  }
}

const longEnough = (passphrase: string, isNew: boolean): Decision<string, string> =>
  !isNew || [...passphrase].length >= PASSPHRASE_CHARACTERS_MIN
    ? accept(passphrase)
    : refuse(
        `a passphrase needs at least ${PASSPHRASE_CHARACTERS_MIN} characters: four random words are good`,
      )

/** One line without an echo; null when it was interrupted. */
function typedUnseen(call: Invocation, question: string): Promise<string | null> {
  call.ask(question)
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: call.stdin, output: unseen, terminal: true })
  return new Promise((resolve) => {
    const end = (line: string | null): void => {
      lines.removeAllListeners()
      lines.close()
      call.ask('\n')
      resolve(line)
    }
    lines.once('line', end)
    lines.once('SIGINT', () => end(null))
    lines.once('close', () => end(null))
  })
}
