import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import {
  appLink,
  BEGINNING,
  connectedApps,
  counted,
  evolve,
  type Fact,
  type Part,
  type UpState,
} from './facts.ts'
import { LineView } from './line-view.ts'
import { LiveView, type UpView } from './live-view.ts'
import { PrintFile } from './print-file.ts'
import { eventOf, noteOf, readyEvent } from './program-events.ts'
import { localAddress } from './reach.ts'
import type { Machine } from './screen.ts'
import { Supervisor, type SupervisorPlan } from './supervisor.ts'
import { removeUpFile, writeUpFile } from './up-file.ts'

/** How long a first Ctrl-C waits for the second. */
const SURE_WITHIN_MS = 10_000
const SAME_INTERRUPT_MS = 250

export interface UpPlan extends Pick<SupervisorPlan, 'brokerEnv' | 'runnerEnv'> {
  readonly call: Invocation
  readonly machine: Machine
  readonly dataDir: string
  /** notes for the beginning: what the person should know before anything else */
  readonly notes: readonly string[]
}

/** One running `up`: what happens to broker and runner, shown; what the person wants, done. */
export class UpRun {
  readonly #plan: UpPlan
  readonly #startedAtMs = Date.now()
  readonly #supervisor: Supervisor
  readonly #view: UpView
  readonly #prints: PrintFile | null
  #state: UpState = BEGINNING
  #ready = false
  #secretFile = ''
  #askedAtMs = Number.NEGATIVE_INFINITY
  #interruptedAtMs = Number.NEGATIVE_INFINITY
  #ending: ExitCode | null = null
  #end: (exitCode: ExitCode) => void = () => {}

  constructor(plan: UpPlan) {
    this.#plan = plan
    const { call, machine } = plan
    this.#prints = call.manner.live ? new PrintFile(plan.dataDir) : null
    this.#supervisor = new Supervisor({
      brokerEnv: plan.brokerEnv,
      runnerEnv: plan.runnerEnv,
      onFact: (fact) => this.#happened(fact),
      onSecretFile: (secretFile) => {
        this.#secretFile = secretFile
      },
      onPrint: (_part, bytes) =>
        this.#prints === null ? call.stderr.write(bytes) : this.#prints.write(bytes),
      onHopeless: (part, _death, lastPrinted) => this.#hopeless(part, lastPrinted),
    })
    this.#view = call.manner.live
      ? new LiveView(call, machine, this.#state, {
          newCode: () => this.#supervisor.rotate(),
          copyLink: () => this.#copyLink(),
          stop: () => this.#interrupted(),
        })
      : new LineView(call, machine)
  }

  /** Runs until it is told to stop; answers how it ended. */
  async run(): Promise<ExitCode> {
    const ended = new Promise<ExitCode>((resolve) => {
      this.#end = resolve
    })
    const onInterrupt = (): void => this.#interrupted()
    const onTerminate = (): void => this.#stop(EXIT.ended)
    // Whatever ends this process, no child is left behind.
    const onExit = (): void => this.#supervisor.kill()
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate).on('exit', onExit)
    for (const note of this.#plan.notes) this.#view.note(note)
    this.#supervisor.start()
    const exitCode = await ended
    process
      .off('SIGINT', onInterrupt)
      .off('SIGTERM', onTerminate)
      .off('SIGHUP', onTerminate)
      .off('exit', onExit)
    return exitCode
  }

  #happened(fact: Fact): void {
    if (this.#ending !== null) return
    const before = this.#state
    this.#state = evolve(before, fact)
    const note = noteOf(fact, before)
    if (note !== null) this.#view.note(note)
    this.#view.show(this.#state)
    if (fact.kind === 'broker-listening' || fact.kind === 'code') this.#leaveUpFile()
    if (this.#ready) this.#plan.call.emit(eventOf(fact, this.#state))
    else this.#sayReady()
    if (fact.kind === 'code' && this.#state.listening !== null)
      this.#printLink(this.#state.listening.url, fact.code)
  }

  #sayReady(): void {
    const ready = readyEvent(this.#state)
    if (ready === null) return
    this.#ready = true
    this.#plan.call.emit(ready)
  }

  /** What a script reads from stdout when it did not ask for JSON: the link, again whenever it changed. */
  #printLink(url: string, code: string): void {
    const { stdout, manner } = this.#plan.call
    if (!manner.json && (manner.quiet || !stdout.isTTY)) stdout.write(`${appLink(url, code)}\n`)
  }

  #leaveUpFile(): void {
    const { listening } = this.#state
    if (listening === null) return
    const { broker, runner } = this.#supervisor.pids
    writeUpFile(this.#plan.dataDir, {
      pid: process.pid,
      brokerPid: broker,
      runnerPid: runner,
      startedAtMs: this.#startedAtMs,
      url: listening.url,
      localUrl: localAddress(listening),
      secretFile: this.#secretFile,
    })
  }

  #copyLink(): void {
    const { listening, code } = this.#state
    if (listening === null || code === null) return
    const text = Buffer.from(appLink(listening.url, code.text)).toString('base64')
    this.#plan.call.stderr.write(`\u001b]52;c;${text}\u0007`)
    this.#view.note('Link copied, if this terminal lets programs copy.')
  }

  #interrupted(): void {
    // npm, the start script and the terminal each pass on the same Ctrl-C.
    const sinceLastMs = Date.now() - this.#interruptedAtMs
    this.#interruptedAtMs = Date.now()
    if (sinceLastMs < SAME_INTERRUPT_MS) return
    if (this.#ending !== null) {
      // The second Ctrl-C while it stops: the person does not want to wait.
      this.#supervisor.kill()
      return
    }
    const apps = connectedApps(this.#state).length
    const busy = apps > 0 || this.#state.openTerminals > 0
    const sure = Date.now() - this.#askedAtMs <= SURE_WITHIN_MS
    if (busy && !sure && this.#plan.call.manner.live) {
      this.#askedAtMs = Date.now()
      const terminals = counted(this.#state.openTerminals, 'terminal')
      this.#view.note(`${counted(apps, 'app')} connected, ${terminals} open: press Ctrl-C again to stop.`)
      return
    }
    this.#stop(EXIT.interrupted)
  }

  #hopeless(part: Part, lastPrinted: string): void {
    const { complain } = this.#plan.call
    this.#view.end()
    complain(`The ${part} did not start.`)
    // On a person's screen its own words went to a file; elsewhere they are above.
    if (this.#prints !== null && lastPrinted !== '') complain(lastPrinted.trimEnd())
    this.#stop(EXIT.failed)
  }

  #stop(exitCode: ExitCode): void {
    if (this.#ending !== null) return
    this.#ending = exitCode
    const open = this.#state.openTerminals
    if (open > 0) this.#view.note(`Stopping: ${counted(open, 'terminal')} will be closed.`)
    this.#view.end()
    void this.#supervisor.stop().then(() => {
      removeUpFile(this.#plan.dataDir)
      this.#prints?.close()
      this.#plan.call.say('Stopped.')
      this.#end(exitCode)
    })
  }
}
