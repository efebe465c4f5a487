import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { AcpRelay } from '@latchkey/runner/agents/acp'
import { AdapterClient } from '@latchkey/runner/questions/adapter-client'
import { LineReader } from '@latchkey/runner/questions/adapter-wire'
import { adapterPlace } from '../agents/adapter-place.ts'
import type { Command, Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

/** A message with a whole file in it is that long; a longer one ends the relay. */
const LINE_BYTES_MAX = 64 * 1024 * 1024

export const acpCommand: Command = {
  name: 'acp',
  summary: 'stand between an editor and an agent, and ask the apps too',
  words: '-- COMMAND [ARGUMENTS]',
  wordsMax: 64,
  examples: [
    { line: 'latchkey acp -- opencode acp', does: 'what an editor starts in place of "opencode acp"' },
    { line: 'latchkey acp -- my-agent --stdio', does: 'any agent of the Agent Client Protocol' },
    { line: 'latchkey agents status', does: 'the agents that need no editor' },
  ],
  options: {},
  run: acp,
}

async function acp(call: Invocation): Promise<ExitCode> {
  const [file, ...args] = call.words
  if (file === undefined) {
    call.complain('Say which agent to start: latchkey acp -- COMMAND.')
    return EXIT.badUsage
  }
  if (call.stdout.isTTY === true) {
    call.complain(
      'An editor starts this command and reads it through a pipe. Name it in the editor’s settings.',
    )
    return EXIT.badUsage
  }
  const place = adapterPlace(call)
  const agent = spawn(file, args, {
    stdio: [place === null ? 'inherit' : 'pipe', place === null ? 'inherit' : 'pipe', 'inherit'],
  })
  const ended = new Promise<ExitCode>((resolve) => {
    agent.on('error', () => {
      call.complain(`${file} could not be started. See that it is on the PATH.`)
      resolve(EXIT.failed)
    })
    agent.on('exit', (code) => resolve(code === 0 ? EXIT.ended : EXIT.failed))
  })
  if (place === null || agent.stdin === null || agent.stdout === null) return ended
  const { stdin, stdout } = agent
  stdin.on('error', () => {})
  const client = new AdapterClient(place)
  const relay = new AcpRelay(basename(file), client, {
    toAgent: (line) => stdin.write(`${line}\n`),
    toEditor: (line) => call.stdout.write(`${line}\n`),
  })
  const give = () => void agent.kill()
  eachLine(call.stdin, (line) => relay.fromEditor(line), give)
  eachLine(stdout, (line) => relay.fromAgent(line), give)
  call.stdin.on('end', () => stdin.end())
  const code = await ended
  relay.end()
  client.end()
  return code
}

function eachLine(stream: Readable, hear: (line: string) => void, tooLong: () => void): void {
  const reader = new LineReader(LINE_BYTES_MAX)
  stream.on('data', (chunk: Buffer | string) => {
    const lines = reader.read(Buffer.from(chunk))
    if (lines === null) return tooLong()
    for (const line of lines) hear(line)
  })
}
