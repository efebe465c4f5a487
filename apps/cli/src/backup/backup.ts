import { resolve } from 'node:path'
import { type BackupOutcome, backUpFolder, restoreFolder } from '@latchkey/broker/config/data-backup'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

/** The reminder of data outside the folder. */
const SHARED =
  'The backup has no data of PostgreSQL (DATABASE_URL) or Redis (REDIS_URL). Back those up with pg_dump, and by a copy of the RDB file that BGSAVE writes.'

export const backupCommand: Command = {
  name: 'backup',
  summary: 'write the data folder, with its keys and secrets, to one file; a broker may run meanwhile',
  words: 'FILE',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey backup latchkey.backup',
      does: 'the data folder of this machine; only you can read the file',
    },
    {
      line: 'latchkey backup "latchkey-$(date +%F)"',
      does: 'one for each day; an existing file is never overwritten',
    },
    { line: 'latchkey restore latchkey.backup', does: 'puts the folder back' },
  ],
  options: { 'data-dir': dataDirOption('the folder to back up') },
  run: (call) => both(call, backUpFolder),
}

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'make a data folder from a backup, where none exists yet',
  words: 'FILE',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey restore latchkey.backup',
      does: 'the data folder of this machine, which must be empty or missing',
    },
    { line: 'latchkey restore latchkey.backup --data-dir here', does: 'into another folder, to look at it' },
    { line: 'latchkey backup latchkey.backup', does: 'makes the file' },
  ],
  options: { 'data-dir': dataDirOption('the folder to make') },
  run: (call) => both(call, restoreFolder),
}

type Move = (folder: string, file: string) => Promise<BackupOutcome>

async function both(call: Invocation, move: Move): Promise<ExitCode> {
  const isBackup = move === backUpFolder
  const name = isBackup ? 'backup' : 'restore'
  const [file] = call.words
  if (file === undefined) {
    call.complain(`Say which file: latchkey ${name} FILE.`)
    return EXIT.badUsage
  }
  const folder = dataDirOf(call)
  const outcome = await move(folder, file)
  if (!outcome.ok) {
    call.emit({ event: name, problem: outcome.why })
    call.complain(`Nothing was done: ${outcome.why}.`)
    return EXIT.refused
  }
  call.emit({ event: name, folder, file: resolve(file), files: outcome.files, database: outcome.hasDatabase })
  if (!isBackup) call.say(`${folder} is restored. Start it with: latchkey up`)
  else
    call.say(
      `${resolve(file)} holds ${folder} with its keys and secrets. Keep it safe: a reader of it can act as this broker.`,
    )
  if (isBackup && (!outcome.hasDatabase || SHARED_BY.some((each) => (call.env[each] ?? '') !== '')))
    call.say(SHARED)
  return EXIT.ended
}

const SHARED_BY = [
  'DATABASE_URL',
  'DATABASE_URL_FILE',
  'REDIS_URL',
  'REDIS_URL_FILE',
  'REDIS_HOST',
  'REDIS_PORT',
]
