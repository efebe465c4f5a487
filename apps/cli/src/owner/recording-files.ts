import { constants, createReadStream, existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { assertNever } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import { loadIdentity, UnusableIdentity } from '@latchkey/runner/identity'
import { listRecordings, type RecordingFile, recordingPath } from '@latchkey/runner/recording/recording-files'
import { type Verified, verifyRecording } from '@latchkey/runner/recording/verify-recording'
import type { Invocation } from '../command.ts'
import { dataDirOf } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askRunnerOf } from './ask-runner.ts'

const MIB = 1024 * 1024

/** Lists the recordings of this machine, also while no runner runs. */
export async function showRecordings(call: Invocation): Promise<ExitCode> {
  const answer = await askRunnerOf(dataDirOf(call), { command: 'recordings' })
  const running = new Set(answer?.ok === true ? answer.recordings?.map(({ name }) => name) : [])
  const stateOf = ({ name, hasEnd }: RecordingFile) =>
    running.has(name) ? 'running' : hasEnd ? 'ended' : 'unfinished'
  const files = listRecordings(stateFolderOf(call))
  call.emit({
    event: 'recordings',
    recordings: files.map((file) => ({
      name: file.name,
      title: file.header.title,
      bytes: file.bytes,
      startedAtMs: file.header.timestamp * 1000,
      state: stateOf(file),
    })),
  })
  if (call.manner.json) return EXIT.ended
  if (files.length === 0) call.say('There are no recordings. Begin one with: latchkey record TERMINAL')
  for (const file of files)
    call.print(
      `${file.name}  ${stateOf(file).padEnd(10)}  ${(file.bytes / MIB).toFixed(1).padStart(6)} MiB  ${printable(file.header.title)}`,
    )
  return EXIT.ended
}

/** Copies a recording out of the data folder. A file that is there is left as it is. */
export async function exportRecording(call: Invocation, name: string, to = name): Promise<ExitCode> {
  const path = recordingPath(stateFolderOf(call), name)
  if (path === null || !existsSync(path)) {
    call.complain(`There is no recording ${printable(name)}. To list them: latchkey record list`)
    return EXIT.badUsage
  }
  try {
    await copyFile(path, resolve(to), constants.COPYFILE_EXCL)
  } catch (problem) {
    call.complain(`Nothing was exported: ${problem instanceof Error ? problem.message : String(problem)}`)
    return EXIT.failed
  }
  call.emit({ event: 'exported', name, file: resolve(to) })
  call.say(
    `${resolve(to)} has what was printed and typed; only input that was not echoed is left out. Keep it safe.`,
  )
  return EXIT.ended
}

/** Checks the hashes and signatures of a recording, and which machine made it. */
export async function verifyFile(call: Invocation, file: string): Promise<ExitCode> {
  let verified: Verified
  let expected: string | null
  try {
    expected = call.text('runner') ?? ownRunnerId(call)
    verified = await verifyRecording(createReadStream(file))
  } catch (problem) {
    if (!(problem instanceof Error)) throw problem
    call.complain(
      problem instanceof UnusableIdentity ? problem.message : `${file} cannot be read: ${problem.message}`,
    )
    return EXIT.failed
  }
  const isExpected = 'runnerId' in verified && verified.runnerId === expected
  call.emit({ event: 'verified', file: resolve(file), isExpected, ...verified })
  const sentence = sentenceOf(verified)
  if (verified.status === 'changed' || verified.status === 'no-recording') {
    call.complain(sentence)
    return EXIT.failed
  }
  if (!isExpected) {
    call.complain(
      `It was made by the machine ${verified.runnerId}${expected === null ? '' : `, not by ${expected}`}. If that is right: latchkey record verify ${file} --runner ${verified.runnerId}`,
    )
    return EXIT.refused
  }
  if (verified.status === 'whole') call.say(sentence)
  else call.complain(sentence)
  return verified.status === 'whole' ? EXIT.ended : EXIT.failed
}

function sentenceOf(verified: Verified): string {
  switch (verified.status) {
    case 'whole':
      return `The recording is whole: ${verified.lines} lines, all as the machine ${verified.runnerId} wrote them.`
    case 'unfinished':
      return `The recording is unfinished: its runner was killed, or its end was cut off. Lines 1 to ${verified.signedUpTo} of ${verified.lines} are as the machine ${verified.runnerId} wrote them.`
    case 'changed':
      return `The recording was changed: line ${verified.line}, or the comment with its hash in line ${verified.line + 1}, is not as the machine wrote it.`
    case 'no-recording':
      return 'Line 1 is not the header of a recording by Latchkey.'
    default:
      return assertNever(verified)
  }
}

/** Null where no runner has an identity. Throws `UnusableIdentity`. */
function ownRunnerId(call: Invocation): string | null {
  const path = join(stateFolderOf(call), 'identity.json')
  return existsSync(path) ? loadIdentity(path).runnerId : null
}

const stateFolderOf = (call: Invocation): string => join(dataDirOf(call), 'runner')
