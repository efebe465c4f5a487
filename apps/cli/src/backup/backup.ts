import { resolve } from 'node:path'
import { type BackupOutcome, backUpFolder, restoreFolder } from '@latchkey/broker/config/data-backup'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

/** What a folder does not hold. */
const SHARED =
  'What a broker keeps in PostgreSQL (DATABASE_URL) or Redis (REDIS_URL) is not in its folder: back it up with pg_dump, or by a copy of the RDB file that BGSAVE writes.'

export const backupCommand: Command = {
  name: 'backup',
  summary: 'write the data folder, with its keys and secrets, to one file, also while a broker works in it',
  words: 'FILE',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey backup latchkey.backup',
      does: 'the folder of this machine; the file is for you alone',
    },
    { line: 'latchkey backup "latchkey-$(date +%F)"', does: 'one for each day: no file is written over' },
    { line: 'latchkey restore latchkey.backup', does: 'the other way round' },
  ],
  options: { 'data-dir': dataDirOption('the folder to back up') },
  run: (call) => both(call, backUpFolder),
}

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'make a data folder of a backup, where there is none yet',
  words: 'FILE',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey restore latchkey.backup',
      does: 'the folder of this machine, which must be empty or gone',
    },
    { line: 'latchkey restore latchkey.backup --data-dir here', does: 'somewhere else, to have a look' },
    { line: 'latchkey backup latchkey.backup', does: 'the other way round' },
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
  if (!isBackup) call.say(`${folder} is as it was. Start it with: latchkey up`)
  else
    call.say(
      `${resolve(file)} holds ${folder}, its keys and secrets too: whoever reads it can do what the broker can.`,
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
