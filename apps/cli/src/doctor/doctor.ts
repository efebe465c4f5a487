import { brokerInfo } from '@latchkey/protocol/console'
import { printable } from '@latchkey/protocol/printable'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { brokerOption, namedBroker } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askRunnerOf } from '../owner/ask-runner.ts'
import { readUpFile } from '../up/up-file.ts'
import { version } from '../version.ts'
import { type Finding, judgeClock, judgeFolder, judgeNode } from './findings.ts'

const ANSWER_WITHIN_MS = 5_000

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check this machine, its data folder and its broker; changes nothing',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey doctor', does: 'one line for each check' },
    {
      line: 'latchkey doctor --broker https://term.example.com',
      does: 'checks that broker instead of the one on this machine',
    },
    { line: 'latchkey doctor -q || echo see above', does: 'problems only; exit code 1 when there is one' },
  ],
  options: {
    broker: brokerOption,
    'data-dir': dataDirOption('whose data to look at'),
  },
  run: doctor,
}

async function doctor(call: Invocation): Promise<ExitCode> {
  trustOwnBroker(call)
  const dataDir = dataDirOf(call)
  const broker = namedBroker(call)
  if (!broker.ok) {
    call.complain(broker.refusal)
    return EXIT.badUsage
  }
  const brokerUrl = broker.value ?? readUpFile(dataDir)?.localUrl ?? null
  const findings = [
    judgeNode(process.versions.node),
    ...judgeFolder(dataDir, process.getuid?.() ?? null),
    ...(brokerUrl === null ? [NO_BROKER] : await askBroker(brokerUrl)),
    await askRunner(dataDir),
  ]
  for (const { about, ok, says } of findings) {
    call.emit({ event: 'finding', about, ok, says })
    if (!ok) call.complain(`Problem  ${about}: ${says}`)
    else if (!call.manner.json && !call.manner.quiet) call.print(`Fine     ${about}: ${says}`)
  }
  return findings.every(({ ok }) => ok) ? EXIT.ended : EXIT.failed
}

const NO_BROKER: Finding = {
  about: 'broker',
  ok: true,
  says: 'none runs on this machine; latchkey up starts one, --broker URL checks another',
}

/** Whether it answers, whether it can write, which versions it speaks, and how far its clock is from ours. */
async function askBroker(brokerUrl: string): Promise<readonly Finding[]> {
  const at = (path: string) => new URL(path, brokerUrl.endsWith('/') ? brokerUrl : `${brokerUrl}/`)
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  try {
    const startedMs = Date.now()
    const told = await fetch(at('broker.json'), { signal })
    const clock = judgeClock(told.headers.get('date'), startedMs, Date.now())
    const info = brokerInfo.safeParse(await told.json().catch(() => null))
    const ready = await fetch(at('readyz'), { signal })
    return [
      info.success
        ? {
            about: 'broker',
            ok: info.data.protocol === PROTOCOL_VERSION,
            says: `${brokerUrl} is version ${printable(info.data.version)}, protocol ${info.data.protocol}; here are ${version} and ${PROTOCOL_VERSION}`,
          }
        : { about: 'broker', ok: false, says: `the server at ${brokerUrl} is no Latchkey broker` },
      {
        about: 'store',
        ok: ready.ok,
        says: ready.ok ? 'the broker can read and write' : 'the broker says that it is not ready',
      },
      ...(clock === null ? [] : [clock]),
    ]
  } catch (problem) {
    const why =
      problem instanceof Error && problem.cause instanceof Error ? problem.cause.message : String(problem)
    return [{ about: 'broker', ok: false, says: `${brokerUrl} cannot be reached: ${printable(why, 200)}` }]
  }
}

async function askRunner(dataDir: string): Promise<Finding> {
  const answer = await askRunnerOf(dataDir, { command: 'apps' })
  if (answer === null) return { about: 'runner', ok: true, says: 'none works here' }
  if (!answer.ok) return { about: 'runner', ok: false, says: answer.message }
  const locked =
    answer.locked === undefined || answer.locked === null
      ? ''
      : ', locked: latchkey unlock lets new ones pair'
  return { about: 'runner', ok: true, says: `works, and knows ${answer.apps?.length ?? 0} apps${locked}` }
}
