import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type BackupOutcome, backUpFolder, restoreFolder } from '@latchkey/broker/config/data-backup'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { passphraseOf, passphraseOption } from './passphrase.ts'
import { isSealed, openFile, sealFile } from './sealed-file.ts'

/** The reminder of data outside the folder. */
const SHARED =
  'The backup has no data of PostgreSQL (DATABASE_URL) or Redis (REDIS_URL). Back those up with pg_dump, and by a copy of the RDB file that BGSAVE writes.'

export const backupCommand: Command = {
  name: 'backup',
  summary: 'write the data folder to one file, sealed with a passphrase; a broker may run meanwhile',
  words: 'FILE',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey backup latchkey.backup',
      does: 'the data folder of this machine; asks for a passphrase',
    },
    {
      line: 'latchkey backup "latchkey-$(date +%F)" --passphrase-file FILE',
      does: 'one for each day, by a timer; an existing file is never overwritten',
    },
    { line: 'latchkey restore latchkey.backup', does: 'puts the folder back' },
  ],
  options: {
    'passphrase-file': passphraseOption,
    plain: { type: 'boolean', help: 'seal nothing: a reader of the file can act as this broker' },
    'data-dir': dataDirOption('the folder to back up'),
  },
  run: backup,
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
  options: { 'passphrase-file': passphraseOption, 'data-dir': dataDirOption('the folder to make') },
  run: restore,
}

async function backup(call: Invocation): Promise<ExitCode> {
  const [file] = call.words
  if (file === undefined) return sayUsage(call, 'Say which file: latchkey backup FILE.')
  if (call.on('plain') && call.text('passphrase-file') !== undefined)
    return sayUsage(call, '--plain seals nothing, so it takes no --passphrase-file.')
  const folder = dataDirOf(call)
  // Refused before a person is asked for a passphrase.
  if (existsSync(file)) return refused(call, 'backup', `${resolve(file)} is there already: name another file`)
  const outcome = call.on('plain') ? await backUpFolder(folder, file) : await backUpSealed(call, folder, file)
  if (!outcome.ok) return refused(call, 'backup', outcome.why)
  const { files, hasDatabase } = outcome
  const sealed = !call.on('plain')
  call.emit({ event: 'backup', folder, file: resolve(file), files, database: hasDatabase, sealed })
  call.say(
    sealed
      ? `${resolve(file)} holds ${folder}, sealed. Keep the passphrase elsewhere: without it nothing opens this file.`
      : `${resolve(file)} holds ${folder} with its keys and secrets. Keep it safe: a reader of it can act as this broker.`,
  )
  if (!hasDatabase || SHARED_BY.some((each) => (call.env[each] ?? '') !== '')) call.say(SHARED)
  return EXIT.ended
}

/** Writes the backup beside the data, which is as private, and seals it from there. */
async function backUpSealed(call: Invocation, folder: string, file: string): Promise<BackupOutcome> {
  if (!existsSync(folder))
    return { ok: false, why: `there is no data folder ${folder}: name it with --data-dir` }
  const passphrase = await passphraseOf(call, true)
  if (!passphrase.ok) return { ok: false, why: passphrase.refusal }
  const own = mkdtempSync(join(folder, '.backup-'))
  const draft = `${resolve(file)}.${process.pid}`
  try {
    const outcome = await backUpFolder(folder, join(own, 'plain'))
    if (!outcome.ok) return outcome
    sealFile(join(own, 'plain'), draft, passphrase.value)
    // Fails where another process has written such a file meanwhile.
    linkSync(draft, file)
    return outcome
  } catch (problem) {
    return { ok: false, why: whyOf(problem) }
  } finally {
    rmSync(own, { recursive: true, force: true })
    rmSync(draft, { force: true })
  }
}

async function restore(call: Invocation): Promise<ExitCode> {
  const [file] = call.words
  if (file === undefined) return sayUsage(call, 'Say which file: latchkey restore FILE.')
  const folder = dataDirOf(call)
  const outcome = isSealed(file) ? await restoreSealed(call, folder, file) : await restoreFolder(folder, file)
  if (!outcome.ok) return refused(call, 'restore', outcome.why)
  const { files, hasDatabase } = outcome
  call.emit({ event: 'restore', folder, file: resolve(file), files, database: hasDatabase })
  call.say(`${folder} is restored. Start it with: latchkey up`)
  return EXIT.ended
}

/** Opens the backup beside the folder that it becomes, which is on the same disk. */
async function restoreSealed(call: Invocation, folder: string, file: string): Promise<BackupOutcome> {
  if (existsSync(folder) && readdirSync(folder).length > 0) return restoreFolder(folder, file)
  const passphrase = await passphraseOf(call, false)
  if (!passphrase.ok) return { ok: false, why: passphrase.refusal }
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  const own = mkdtempSync(join(dirname(folder), '.latchkey-restore-'))
  const plain = join(own, 'plain')
  try {
    const why = openFile(file, plain, passphrase.value)
    if (why !== null) return { ok: false, why: `${resolve(file)} cannot be restored: ${why}` }
    const outcome = await restoreFolder(folder, plain)
    return outcome.ok ? outcome : { ok: false, why: outcome.why.replaceAll(plain, resolve(file)) }
  } catch (problem) {
    return { ok: false, why: whyOf(problem) }
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

function sayUsage(call: Invocation, usage: string): ExitCode {
  call.complain(usage)
  return EXIT.badUsage
}

function refused(call: Invocation, event: string, why: string): ExitCode {
  call.emit({ event, problem: why })
  call.complain(`Nothing was done: ${why}.`)
  return EXIT.refused
}

const whyOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))

const SHARED_BY = [
  'DATABASE_URL',
  'DATABASE_URL_FILE',
  'REDIS_URL',
  'REDIS_URL_FILE',
  'REDIS_HOST',
  'REDIS_PORT',
]
