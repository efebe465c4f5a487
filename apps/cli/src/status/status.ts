import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askKeeper, pastTerminalsOf, terminalOf } from '../keeper/ask-keeper.ts'
import { askRunnerOf } from '../owner/ask-runner.ts'
import { readUpFile, type UpFile } from '../up/up-file.ts'
import { askConsoleUrl, askOverview, type Overview } from './overview.ts'
import { keeperLines, pastLines, statusLines } from './table.ts'

export const statusCommand: Command = {
  name: 'status',
  summary: 'what runs on this machine, and which apps are connected',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey status', does: 'broker, runners and apps as a table' },
    { line: 'latchkey status --console', does: 'a new link to the console; each works once' },
    { line: 'latchkey status -q && echo yes', does: 'only the exit code: 3 when nothing runs' },
  ],
  options: {
    console: { type: 'boolean', help: 'print a new link to the console instead' },
    'data-dir': dataDirOption('whose data to look at'),
  },
  run: status,
}

async function status(call: Invocation): Promise<ExitCode> {
  trustOwnBroker(call)
  const up = readUpFile(dataDirOf(call))
  const keeper = await askKeeper(dataDirOf(call))
  if (up === null) {
    const terminals = typeof keeper === 'string' ? [] : (keeper?.terminals.map(terminalOf) ?? [])
    const past = pastTerminalsOf(dataDirOf(call), typeof keeper === 'string' ? null : keeper)
    call.emit({ event: 'status', running: false, terminals, pastTerminals: past })
    if (typeof keeper === 'string') call.complain(keeper)
    if (keeper === null || typeof keeper === 'string' || terminals.length === 0)
      call.say('Nothing runs here. Start it with: latchkey up')
    else if (!call.manner.json && !call.manner.quiet) {
      call.say('No broker and no runner run here, but terminals do. Show them again with: latchkey up')
      call.print(keeperLines(keeper, Date.now()).join('\n'))
    }
    return EXIT.brokerUnreachable
  }
  const secret = call.env['LATCHKEY_OPERATOR_SECRET']
  if (call.on('console')) {
    const link = await askConsoleUrl(up, secret)
    if (!link.ok) return refused(call, up, link)
    call.emit({ event: 'console-link', consoleUrl: link.told.consoleUrl })
    if (!call.manner.json) call.print(link.told.consoleUrl)
    return EXIT.ended
  }
  const asked = await askOverview(up, secret)
  if (!asked.ok) return refused(call, up, asked)
  const runner = await askRunnerOf(dataDirOf(call), { command: 'apps' })
  const locked = runner?.ok === true ? (runner.locked ?? null) : null
  const kept = typeof keeper === 'string' ? null : keeper
  const told = await askRunnerOf(dataDirOf(call), { command: 'recordings' })
  const recorded = new Set(told?.ok === true ? told.recordings?.map(({ terminal }) => terminal) : [])
  const terminals = (kept?.terminals.map(terminalOf) ?? []).map((one) => ({
    ...one,
    recording: recorded.has(one.terminal),
  }))
  const past = pastTerminalsOf(dataDirOf(call), kept)
  call.emit({
    event: 'status',
    running: true,
    pid: up.pid,
    url: up.url,
    locked,
    terminals,
    pastTerminals: past,
    ...asked.overview,
  })
  if (typeof keeper === 'string') call.complain(keeper)
  if (!call.manner.json && !call.manner.quiet)
    call.print(
      [
        ...statusLines(asked.overview, up.url, locked),
        ...(kept === null ? [] : keeperLines(kept, Date.now(), recorded)),
        ...pastLines(past),
      ].join('\n'),
    )
  return EXIT.ended
}

function refused(call: Invocation, up: UpFile, asked: Extract<Overview, { readonly ok: false }>): ExitCode {
  call.emit({ event: 'status', running: true, pid: up.pid, url: up.url, problem: asked.reason })
  call.complain(`Latchkey runs (process ${up.pid}) but did not tell: ${asked.detail}.`)
  return asked.reason === 'refused' ? EXIT.refused : EXIT.brokerUnreachable
}
