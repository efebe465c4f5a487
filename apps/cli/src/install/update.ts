import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { namedBroker } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { installation } from '../installation.ts'
import { memberships } from '../join/memberships.ts'
import { askRunnerOf } from '../owner/ask-runner.ts'
import { restartService } from '../service/service.ts'
import { readUpFile } from '../up/up-file.ts'
import { version } from '../version.ts'
import { agreed } from './agreed.ts'
import { type Candidate, goBack, placeRelease, workFolder } from './placing.ts'
import { fetchRelease, offeredBy, sha256Of, unpackRelease } from './release.ts'

/** A restarted runner answers in a second or two, and later on a slow machine. */
const RUNNER_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 250
const HASH = /^[0-9a-f]{64}$/

export const updateCommand: Command = {
  name: 'update',
  summary: 'take the release of the joined broker, or of a file; terminals go on',
  words: '[FILE]',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey update',
      does: 'the release of the broker that this machine joined; shows its hash and asks',
    },
    { line: 'latchkey update latchkey-0.2.0.tgz --hash 7ea6…', does: 'a file, if it has this SHA-256' },
    { line: 'latchkey update --rollback', does: 'back to the release before' },
  ],
  options: {
    broker: { type: 'string', value: 'URL', help: 'the broker to take it from; by default the joined one' },
    hash: {
      type: 'string',
      value: 'SHA256',
      help: 'of the file; from a broker, of its script, as its console and "latchkey add" show it',
    },
    rollback: { type: 'boolean', help: 'put the release before this one back' },
    'data-dir': dataDirOption('the folder of this machine’s keys'),
  },
  run: update,
}

type Here = Exclude<ReturnType<typeof installation>, { readonly by: 'clone' }>

async function update(call: Invocation): Promise<ExitCode> {
  const here = installation()
  if (here.by === 'clone') {
    call.complain(
      `This Latchkey runs from a clone. Update it with: cd ${here.folder} && git pull && npm start`,
    )
    return EXIT.refused
  }
  const dataDir = dataDirOf(call)
  if (call.on('rollback')) {
    const back = await goBack(here, dataDir)
    if (!back) {
      call.complain('There is no release before this one.')
      return EXIT.failed
    }
    call.emit({ event: 'updated', from: version, rollback: true })
    call.say('The release before is back.')
    return afterwards(call, null)
  }
  const work = workFolder(here, dataDir)
  rmSync(join(work, 'new'), { recursive: true, force: true })
  mkdirSync(work, { recursive: true, mode: 0o700 })
  try {
    const found = await candidateOf(call, work)
    if (!found.ok) return notUpdated(call, found.refusal)
    await placeRelease(here, found.value, dataDir)
    call.emit({ event: 'updated', from: version, to: found.value.version, sha256: found.value.sha256 })
    call.say(
      `Latchkey ${found.value.version} is installed, ${version} before. Back to it: latchkey update --rollback`,
    )
    return await afterwards(call, here)
  } catch (problem) {
    return notUpdated(call, problem instanceof Error ? problem.message : String(problem))
  } finally {
    for (const name of ['new', 'new.tgz']) rmSync(join(work, name), { recursive: true, force: true })
  }
}

function notUpdated(call: Invocation, why: string): ExitCode {
  call.emit({ event: 'not-updated', version, why })
  call.complain(`Not updated, Latchkey ${version} stays: ${why}.`)
  return EXIT.failed
}

/** The release that was asked for, unpacked and shown to run. */
async function candidateOf(call: Invocation, work: string): Promise<Decision<Candidate, string>> {
  const wanted = call.text('hash')
  if (wanted !== undefined && !HASH.test(wanted)) return refuse('--hash takes 64 hexadecimal digits')
  const [file] = call.words
  const got =
    file === undefined ? await fromBroker(call, work, wanted) : await fromFile(resolve(file), wanted)
  if (!got.ok) return got
  const folder = join(work, 'new')
  const unpacked = await unpackRelease(got.value.tarball, folder)
  return unpacked.ok ? accept({ ...got.value, folder, version: unpacked.value }) : unpacked
}

type Tarball = Pick<Candidate, 'tarball' | 'sha256'>

async function fromFile(tarball: string, wanted: string | undefined): Promise<Decision<Tarball, string>> {
  if (!existsSync(tarball)) return refuse(`there is no file ${tarball}`)
  const sha256 = await sha256Of(tarball)
  return wanted === undefined || wanted === sha256
    ? accept({ tarball, sha256 })
    : refuse(`${tarball} has the SHA-256 ${sha256}, not ${wanted}`)
}

/** A broker never pushes a release: this machine asks, and its person, or the hash that the person names, decides. */
async function fromBroker(
  call: Invocation,
  work: string,
  wanted: string | undefined,
): Promise<Decision<Tarball, string>> {
  const named = namedBroker(call)
  if (!named.ok) return refuse(named.refusal)
  const brokerUrl = named.value ?? memberships(dataDirOf(call))[0]?.brokerUrl ?? null
  if (brokerUrl === null)
    return refuse('this machine has joined no broker: name a file, or a broker with --broker URL')
  trustOwnBroker(call)
  const offered = await offeredBy(brokerUrl)
  if (!offered.ok) return offered
  const { scriptHash, sha256 } = offered.value
  if (wanted !== undefined && wanted !== scriptHash)
    return refuse(`the broker’s script has the SHA-256 ${scriptHash}, not ${wanted}`)
  const question = `${brokerUrl} offers Latchkey ${offered.value.version}. Its script has the SHA-256 ${scriptHash}: compare it with the one in the broker’s console, or of "latchkey add" there.`
  const command = `latchkey update --hash ${scriptHash}`
  if (wanted === undefined && !(await agreed(call, question, `If it is the same: ${command}`)))
    return refuse('it was not wanted')
  const tarball = join(work, 'new.tgz')
  const fetched = await fetchRelease(offered.value, tarball)
  return fetched.ok ? accept({ tarball, sha256 }) : fetched
}

/**
 * Lets the new release take over. A service is restarted, and its runner has to answer, or the release before comes back.
 * @param here null: no way back is wanted
 */
async function afterwards(call: Invocation, here: Here | null): Promise<ExitCode> {
  const dataDir = dataDirOf(call)
  const restarted = restartService(call)
  if (restarted === 'none') {
    const up = readUpFile(dataDir)
    if (up !== null)
      call.say(
        `Latchkey still runs as before (process ${up.pid}). Stop it and start it again: terminals go on.`,
      )
    return EXIT.ended
  }
  if (restarted === 'restarted' && (await runnerAnswers(dataDir))) {
    call.say('The service was restarted. Terminals went on.')
    return EXIT.ended
  }
  if (here !== null && (await goBack(here, dataDir))) {
    restartService(call)
    return notUpdated(call, 'its service did not start, and the release before is back')
  }
  call.complain('The service does not answer. Look at: latchkey service logs')
  return EXIT.failed
}

async function runnerAnswers(dataDir: string): Promise<boolean> {
  const until = performance.now() + RUNNER_WITHIN_MS
  while (performance.now() < until) {
    if ((await askRunnerOf(dataDir, { command: 'apps' })) !== null) return true
    await pause(LOOK_EVERY_MS)
  }
  return false
}
