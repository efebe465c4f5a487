import { resolve } from 'node:path'
import { type AppFiles, appFiles } from '@latchkey/connection/app/app-files'
import type { Fetching, FetchingState, FileSink, FoundFile } from '@latchkey/connection/app/fetching-file'
import type { AppLink } from '@latchkey/connection/app/link'
import { cleanName } from '@latchkey/domain/files/file-name'
import { printable } from '@latchkey/protocol/printable'
import { machineOf, withMachine } from '../attach/with-machine.ts'
import type { Command, Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { amount, fileOptions, noFiles, Progress, terminalOf } from './file-options.ts'
import { beginNewFile, type NewFile, nodeDigest } from './node-files.ts'

export const getCommand: Command = {
  name: 'get',
  summary: 'fetch a file from another machine',
  words: 'PATH [FILE]',
  wordsMax: 2,
  examples: [
    { line: 'latchkey get out/hours.png', does: 'from the folder of its first terminal, into this one' },
    { line: 'latchkey get /var/log/build.log build.txt', does: 'under another name' },
    { line: 'latchkey get notes.md - --terminal codex', does: 'to stdout, from the folder of "codex"' },
  ],
  options: {
    terminal: {
      type: 'string',
      value: 'NAME|N',
      help: 'where a relative path begins: the folder of this terminal',
    },
    ...fileOptions,
  },
  run: get,
}

async function get(call: Invocation): Promise<ExitCode> {
  const [path, target] = call.words
  if (path === undefined) {
    call.complain('Say which file: latchkey get PATH [FILE].')
    return EXIT.badUsage
  }
  if (target === '-' && call.stdout.isTTY) {
    call.complain(
      'A terminal would obey a file of another machine. Name a file, or pipe it: latchkey get PATH - | less.',
    )
    return EXIT.badUsage
  }
  if (target === '-' && call.manner.json) {
    call.complain('With --json the events go to stdout. Name a file: latchkey get PATH FILE --json.')
    return EXIT.badUsage
  }
  const machine = machineOf(call, call.text('machine'))
  if (typeof machine === 'number') return machine
  const files = appFiles({ newDigest: nodeDigest, nowMs: () => performance.now() })
  return withMachine(call, machine, [files.feature], (link) => getFrom(call, { link, files, path, target }))
}

async function getFrom(
  call: Invocation,
  what: {
    readonly link: AppLink
    readonly files: AppFiles
    readonly path: string
    readonly target: string | undefined
  },
): Promise<ExitCode> {
  const { link, files, path } = what
  const terminal = terminalOf(link, call.text('terminal'))
  const problem = typeof terminal === 'string' ? terminal : noFiles(link, files)
  if (problem !== null || typeof terminal === 'string') {
    call.complain(problem ?? '')
    return EXIT.refused
  }
  const fetching = files.fetch({ path, terminal })
  const found = await settled(fetching, link, ['found'])
  if (found.status !== 'found') return notFetched(call, found)
  const { file } = found
  call.say(`${printable(file.path, 4_096)}: ${amount(file.bytes)}`)
  if (what.target === '-') return fetchTo(call, { fetching, link, file, sink: stdoutSink(call), place: null })
  const own = resolve(what.target ?? cleanName(file.path))
  const begun = await beginNewFile(own)
  if (typeof begun === 'string') {
    fetching.cancel()
    call.complain(begun)
    return EXIT.badUsage
  }
  return fetchTo(call, { fetching, link, file, sink: begun.sink, place: { file: begun, path: own } })
}

async function fetchTo(
  call: Invocation,
  how: {
    readonly fetching: Fetching
    readonly link: AppLink
    readonly file: FoundFile
    readonly sink: FileSink
    /** null: the sink is all */
    readonly place: { readonly file: NewFile; readonly path: string } | null
  },
): Promise<ExitCode> {
  const { fetching, link, file, sink, place } = how
  const progress = new Progress(call, file.bytes)
  const interrupt = () => void place?.file.drop().finally(() => process.exit(EXIT.interrupted))
  process.prependOnceListener('SIGINT', interrupt)
  fetching.state.subscribe((state) => {
    if (state.status === 'fetching') progress.at(state.have, state.waits)
  })
  fetching.accept(sink)
  const ended = await settled(fetching, link, [])
  process.off('SIGINT', interrupt)
  progress.end()
  if (ended.status !== 'done') {
    await place?.file.drop()
    return notFetched(call, ended)
  }
  const problem = (await place?.file.place()) ?? null
  if (problem !== null) {
    call.complain(problem)
    return EXIT.refused
  }
  call.emit({ event: 'fetched', path: file.path, bytes: file.bytes, file: place?.path ?? '-' })
  if (place !== null && !call.manner.json) call.print(place.path)
  return EXIT.ended
}

type Settled = Exclude<FetchingState, { readonly status: 'asking' | 'fetching' }>

/** Waits until the file has come, or will not, or is in one of the states of `also`. A pairing that ends, ends it. */
function settled(fetching: Fetching, link: AppLink, also: readonly 'found'[]): Promise<Settled> {
  return new Promise((resolve) => {
    const look = (state: FetchingState) => {
      if (state.status === 'asking' || state.status === 'fetching') return
      if (state.status === 'found' && !also.includes('found')) return
      stops.forEach((stop) => stop())
      resolve(state)
    }
    const stops = [
      fetching.state.subscribe(look),
      link.state.subscribe(({ status }) => {
        if (status === 'ended' || status === 'unpaired') fetching.cancel()
      }),
    ]
    look(fetching.state.current)
  })
}

function notFetched(call: Invocation, state: Settled): ExitCode {
  if (state.status === 'refused') call.complain(printable(state.message, 600))
  else call.complain('The pairing with the machine has ended. Pair again: latchkey attach CODE.')
  return EXIT.refused
}

const stdoutSink = (call: Invocation): FileSink => ({
  write: (bytes) =>
    new Promise((resolve, reject) =>
      call.stdout.write(bytes, (problem) => (problem == null ? resolve() : reject(problem))),
    ),
})
