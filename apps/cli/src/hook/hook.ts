import { randomBytes } from 'node:crypto'
import { claudeAnswer, claudeQuestion } from '@latchkey/runner/agents/claude'
import { AdapterClient } from '@latchkey/runner/questions/adapter-client'
import { adapterPlace } from '../agents/adapter-place.ts'
import type { Command, Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

/** A longer request is for the desk. */
const INPUT_BYTES_MAX = 4 * 1024 * 1024

/** Called by agents. It never fails: where it has no answer it prints nothing, and the desk decides. */
export const hookCommand: Command = {
  name: 'hook',
  summary: 'called by an agent: ask the apps, print their answer',
  words: 'claude',
  wordsMax: 1,
  examples: [
    { line: 'latchkey agents install claude', does: 'writes this command into its settings' },
    { line: 'latchkey hook claude < request.json', does: 'what Claude Code does then' },
    { line: 'latchkey agents uninstall claude', does: 'takes it out again' },
  ],
  options: {},
  run: hook,
}

async function hook(call: Invocation): Promise<ExitCode> {
  const place = adapterPlace(call)
  const [agent] = call.words
  if (place === null || agent !== 'claude') return EXIT.ended
  const input = await inputOf(call)
  const question = input === null ? null : claudeQuestion(input, randomBytes(16).toString('hex'))
  if (question === null) return EXIT.ended
  const choice = await new Promise<string | null>((resolve) => {
    const client = new AdapterClient({ ...place, retryMs: 0, onEnd: () => resolve(null) })
    const asked = client.ask(question, {
      answer: (given) => {
        asked.sent()
        asked.over()
        client.end()
        resolve(given)
      },
      withdrawn: () => {
        client.end()
        resolve(null)
      },
    })
  })
  if (choice !== null) call.print(claudeAnswer(choice))
  return EXIT.ended
}

/** Null when it is too long. */
async function inputOf({ stdin }: Invocation): Promise<string | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stdin) {
    const chunk = Buffer.from(part)
    bytes += chunk.length
    if (bytes > INPUT_BYTES_MAX) return null
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString('utf8')
}
