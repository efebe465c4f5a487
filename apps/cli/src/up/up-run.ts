import { join } from 'node:path'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { appOrders, orderLock } from '../owner/ask-runner.ts'
import type { Death } from './child.ts'
import type { Fact, Listening, Part } from './facts.ts'
import type { Machine } from './machine.ts'
import { Presenter } from './presenter.ts'
import { PrintFile } from './print-file.ts'
import { localAddress } from './reach.ts'
import { untilStopped } from './stop-signals.ts'
import { Supervisor, type SupervisorPlan } from './supervisor.ts'
import { removeUpFile, writeUpFile } from './up-file.ts'

export interface UpPlan
  extends Pick<SupervisorPlan, 'brokerEnv' | 'runnerEnv' | 'brokerSecrets' | 'runnerSecrets' | 'pageUrl'> {
  readonly call: Invocation
  readonly machine: Machine
  readonly dataDir: string
  /** where broker and runner print in every manner; null: in the data folder, where a person's screen is in use */
  readonly debugFile: string | null
  /** warnings for the person, shown first */
  readonly notes: readonly string[]
}

/** One running `up`: it shows the facts of broker and runner and carries out the person's keys. */
export class UpRun {
  readonly #plan: UpPlan
  readonly #startedAtMs = Date.now()
  readonly #supervisor: Supervisor
  readonly #presenter: Presenter
  readonly #prints: PrintFile | null
  #secretFiles = { secretFile: '', operatorSecretFile: '' }
  #ending: ExitCode | null = null
  #end: (exitCode: ExitCode) => void = () => {}

  constructor(plan: UpPlan) {
    this.#plan = plan
    const { call } = plan
    const prints = plan.debugFile ?? (call.manner.live ? join(plan.dataDir, 'up.log') : null)
    this.#prints = prints === null ? null : new PrintFile(prints)
    this.#supervisor = new Supervisor({
      pageUrl: plan.pageUrl,
      brokerEnv: plan.brokerEnv,
      runnerEnv: plan.runnerEnv,
      brokerSecrets: plan.brokerSecrets,
      runnerSecrets: plan.runnerSecrets,
      onFact: (fact) => this.#happened(fact),
      onSecretFiles: (files) => {
        this.#secretFiles = files
      },
      onPrint: (text) => (this.#prints === null ? call.pass(text) : this.#prints.write(text)),
      onHopeless: (part, death, lastPrinted) => this.#hopeless(part, death, lastPrinted),
    })
    this.#presenter = new Presenter(call, plan.machine, {
      newCode: () => this.#supervisor.rotate(),
      lock: (on) => void orderLock(call, plan.dataDir, on),
      ...appOrders(call, plan.dataDir),
      decide: (rights) => this.#supervisor.decide(rights),
      accept: (pin) => this.#supervisor.accept(pin),
      stop: () => this.#stop(EXIT.interrupted),
      kill: () => this.#supervisor.kill(),
    })
  }

  /** Runs until it is told to stop; answers how it ended. */
  run(): Promise<ExitCode> {
    const ended = new Promise<ExitCode>((resolve) => {
      this.#end = resolve
    })
    for (const note of this.#plan.notes) this.#presenter.note(note)
    this.#supervisor.start()
    return untilStopped(ended, {
      onInterrupt: () => this.#presenter.interrupt(),
      onTerminate: () => this.#stop(EXIT.ended),
      // Whatever ends this process, no child is left behind.
      onExit: () => this.#supervisor.kill(),
    })
  }

  #happened(fact: Fact): void {
    if (this.#ending !== null) return
    // Write the file first: a listener may read it as soon as the fact is told.
    if (fact.kind === 'broker-listening') this.#leaveUpFile(fact.at)
    if (fact.kind === 'code') this.#leaveUpFile(this.#presenter.state.listening)
    this.#presenter.happened(fact)
  }

  #leaveUpFile(listening: Listening | null): void {
    if (listening === null) return
    const { broker, runner } = this.#supervisor.pids
    writeUpFile(this.#plan.dataDir, {
      pid: process.pid,
      brokerPid: broker,
      runnerPid: runner,
      startedAtMs: this.#startedAtMs,
      url: listening.url,
      localUrl: localAddress(listening),
      ...this.#secretFiles,
    })
  }

  #hopeless(part: Part, { exitCode, signal }: Death, lastPrinted: string): void {
    const { complain } = this.#plan.call
    this.#presenter.end()
    complain(`The ${part} ended (${signal ?? `exit code ${exitCode}`}) and would end again.`)
    // On a person's screen its own words went to a file; elsewhere they are above.
    if (this.#prints !== null && lastPrinted !== '') complain(lastPrinted.trimEnd())
    const told = [EXIT.badUsage, EXIT.refused].find((code) => code === exitCode)
    this.#stop(told ?? EXIT.failed)
  }

  #stop(exitCode: ExitCode): void {
    if (this.#ending !== null) return
    this.#ending = exitCode
    this.#presenter.end()
    void this.#supervisor.stop().then(() => {
      removeUpFile(this.#plan.dataDir)
      this.#prints?.close()
      this.#plan.call.say('Stopped.')
      this.#end(exitCode)
    })
  }
}
