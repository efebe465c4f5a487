import { hostname } from 'node:os'
import { printable } from '@latchkey/protocol/printable'
import { brokerOption, namedBroker } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { memberships } from '../join/memberships.ts'
import { askOverview } from '../status/overview.ts'
import { paintWith } from '../up/paint.ts'
import { readUpFile, type UpFile } from '../up/up-file.ts'
import { version } from '../version.ts'
import { windowSize } from '../window-size.ts'
import { type Check, type Finding, fine, leftOut } from './finding.ts'
import { judgeFolder, judgeKeeper, judgeNode, judgeRunner, judgeService, judgeTerminals } from './machine.ts'
import { judgePhone, type Reached } from './phone.ts'
import { findingLines, summaryLine } from './report.ts'
import { judgeWay } from './way.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check the way to the broker, and this machine; changes nothing',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey doctor', does: 'one line for each check, and the next step of each problem' },
    {
      line: 'latchkey doctor --broker https://term.example.com',
      does: 'checks the way to that broker instead of the one on this machine',
    },
    {
      line: 'latchkey doctor -q || echo see above',
      does: 'problems only; exit code 1 when something is broken',
    },
  ],
  options: {
    broker: brokerOption,
    quick: { type: 'boolean', help: 'leave out what takes seconds: the silence between keep-alives' },
    phone: {
      type: 'boolean',
      help: 'wait for another device to open the shown URL, also without a terminal',
    },
    'no-qr': { type: 'boolean', help: 'show no QR' },
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
  const up = readUpFile(dataDir)
  // As other devices reach it: a proxy in front of this machine's broker is part of the way.
  const brokerUrl = broker.value ?? up?.url ?? memberships(dataDir)[0]?.brokerUrl ?? null
  const report = new Report(call)
  report.begin(brokerUrl)

  report.section('Reaching the broker')
  if (brokerUrl === null)
    report.tell(
      leftOut('broker', 'none runs on this machine', 'latchkey up, or latchkey doctor --broker URL'),
    )
  else {
    for await (const finding of judgeWay(brokerUrl, { isQuick: call.on('quick') })) report.tell(finding)
  }

  report.section('This machine')
  report.tell(judgeNode(process.versions.node))
  for (const finding of judgeFolder(dataDir, process.getuid?.() ?? null)) report.tell(finding)
  if (broker.value === null && up !== null) await judgeStore(call, up, report)
  report.tell(await judgeRunner(dataDir))
  report.tell(await judgeKeeper(dataDir))
  report.tell(judgeService(call))
  for (const finding of judgeTerminals(call.env)) report.tell(finding)

  if (brokerUrl !== null && !report.isBroken('name', 'TLS', 'broker') && !call.manner.quiet) {
    const reached: Reached = {
      localUrl: broker.value === null && up !== null ? up.localUrl : brokerUrl,
      url: brokerUrl,
    }
    report.section('From another device')
    report.tell(await judgePhone(call, reached, call.on('phone')))
  }
  return report.end()
}

/** What the broker on this machine says of its store, to its operator. */
async function judgeStore(call: Invocation, up: UpFile, report: Report): Promise<void> {
  const asked = await askOverview(up, call.env['LATCHKEY_OPERATOR_SECRET'])
  if (!asked.ok) return
  const { kind, lastCallMs, ok } = asked.overview.health.store
  // Where it is not, the broker is not ready, which was said.
  if (ok) report.tell(fine('store', `${printable(kind)}, last call took ${lastCallMs.toFixed(1)} ms`))
}

/** Prints findings as they come, and counts them. */
class Report {
  readonly #found: Finding[] = []
  readonly #beganMs = performance.now()
  readonly #look: { readonly columns: number; readonly color: boolean }
  private readonly call: Invocation

  constructor(call: Invocation) {
    this.call = call
    const { stdout, manner } = call
    this.#look = { columns: windowSize(stdout).cols, color: manner.color && stdout.isTTY === true }
  }

  /** Whether one of these checks found something broken. */
  isBroken(...checks: readonly Check[]): boolean {
    return this.#found.some(({ check, state }) => state === 'broken' && checks.includes(check))
  }

  begin(broker: string | null): void {
    if (!this.#isText || this.call.manner.quiet) return
    const where = broker === null ? '' : ` · ${printable(new URL(broker).host)}`
    this.call.draw('')
    this.call.draw(
      `  ${paintWith(this.#look.color).strong(printable(hostname()))} · Latchkey ${version}${where}`,
    )
  }

  section(name: string): void {
    if (!this.#isText || this.call.manner.quiet) return
    for (const line of ['', `  ${name}`]) this.call.draw(line)
  }

  tell(finding: Finding): void {
    this.#found.push(finding)
    const { check, state, text, next, ms } = finding
    this.call.emit({
      event: 'finding',
      check,
      state,
      text: printable(text, 400),
      ...(next === undefined ? {} : { next: printable(next, 400) }),
      ...(ms === undefined ? {} : { ms: Math.round(ms) }),
    })
    const isProblem = state === 'broken' || state === 'warn'
    if (!this.#isText || (this.call.manner.quiet && !isProblem)) return
    for (const line of findingLines(finding, this.#look)) this.call.draw(line)
  }

  end(): ExitCode {
    if (this.#isText && !this.call.manner.quiet) {
      const tookS = ((performance.now() - this.#beganMs) / 1_000).toFixed(1)
      for (const line of ['', `  ${summaryLine(this.#found)} Took ${tookS} s.`]) this.call.draw(line)
    }
    if (this.isBroken('name', 'broker')) return EXIT.brokerUnreachable
    return this.#found.some(({ state }) => state === 'broken') ? EXIT.failed : EXIT.ended
  }

  get #isText(): boolean {
    return !this.call.manner.json
  }
}
