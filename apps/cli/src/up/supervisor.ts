import { EXIT } from '../exit-code.ts'
import { Child, type Death } from './child.ts'
import type { Fact, Listening, Part, PromptRights } from './facts.ts'
import { factOfRunner, readBrokerMessage } from './messages.ts'
import { programs } from './programs.ts'

/** Ten seconds are promised for a stop: the runner goes first (it says goodbye to the broker), then the broker. */
const RUNNER_GRACE_MS = 4_500
const BROKER_GRACE_MS = 4_500
/** Bad settings, and refused: starting again would end the same way. */
const FINAL_EXITS: ReadonlySet<number | null> = new Set([EXIT.badUsage, EXIT.refused])
/** The last lines a part printed, for when it will not start. */
const LAST_PRINTED_BYTES_MAX = 4_096

type Env = Readonly<Record<string, string | undefined>>

export interface SupervisorPlan {
  /** where pairing URLs lead; null: to the broker's own page */
  readonly pageUrl: string | null
  /** The broker's environment; `port` is null at the first start and the one it got from then on. */
  readonly brokerEnv: (port: number | null) => Env
  readonly runnerEnv: (broker: Listening & { readonly secretFile: string }) => Env
  /** the secrets each gets over stdin, which no other process can read; null for none */
  readonly brokerSecrets: () => string | null
  readonly runnerSecrets: () => string | null
  readonly onFact: (fact: Fact) => void
  /** where the secrets are, once the broker has told it */
  readonly onSecretFiles: (files: {
    readonly secretFile: string
    readonly operatorSecretFile: string
  }) => void
  readonly onPrint: (text: string) => void
  /** a part that never came up: retrying would not help */
  readonly onHopeless: (part: Part, death: Death, lastPrinted: string) => void
}

/** Keeps a broker and a runner running. A broker comes back on its old port, so that its clients find it again. */
export class Supervisor {
  readonly #plan: SupervisorPlan
  readonly #broker: Child
  readonly #runner: Child
  #listening: (Listening & { readonly secretFile: string }) | null = null
  #runnerWasUp = false
  #runnerStarted = false
  readonly #lastPrinted = { broker: '', runner: '' }

  constructor(plan: SupervisorPlan) {
    this.#plan = plan
    const { broker, runner } = programs()
    this.#broker = new Child({
      program: broker,
      env: () => plan.brokerEnv(this.#listening?.port ?? null),
      input: plan.brokerSecrets,
      graceMs: BROKER_GRACE_MS,
      onMessage: (message) => this.#heardBroker(message),
      onPrint: (text) => this.#printed('broker', text),
      onDeath: (death, retryInMs) => this.#died('broker', this.#listening !== null, death, retryInMs),
    })
    this.#runner = new Child({
      program: runner,
      env: () => (this.#listening === null ? {} : plan.runnerEnv(this.#listening)),
      input: plan.runnerSecrets,
      graceMs: RUNNER_GRACE_MS,
      onMessage: (message) => this.#heardRunner(message),
      onPrint: (text) => this.#printed('runner', text),
      onDeath: (death, retryInMs) => this.#died('runner', this.#runnerWasUp, death, retryInMs),
    })
  }

  get pids(): { readonly broker: number | null; readonly runner: number | null } {
    return { broker: this.#broker.pid, runner: this.#runner.pid }
  }

  start(): void {
    this.#broker.start()
  }

  /** Asks the runner for a new code. */
  rotate(): void {
    this.#runner.send({ command: 'rotate' })
  }

  /** Tells the runner the rights of the app that is asked for a PIN. */
  decide({ viewOnly, approve, send }: PromptRights): void {
    const flag = (on: boolean) => (on ? '1' : '0')
    this.#runner.send({
      command: 'view-only',
      on: flag(viewOnly),
      approve: flag(approve),
      send: flag(send),
    })
  }

  /** Lets in the app that waits and cannot seal. */
  accept(pin: string): void {
    this.#runner.send({ command: 'accept', pin })
  }

  /** Ends both, under ten seconds. */
  async stop(): Promise<void> {
    await this.#runner.stop()
    await this.#broker.stop()
  }

  /** Ends both at once. */
  kill(): void {
    this.#runner.kill()
    this.#broker.kill()
  }

  #heardBroker(message: unknown): void {
    const said = readBrokerMessage(message)
    if (said === null) return
    if (said.event === 'console-link') {
      this.#plan.onFact({ kind: 'console-link', consoleUrl: said.consoleUrl })
      return
    }
    const { url, port, addresses, consoleUrl, secretFile, operatorSecretFile } = said
    const { pageUrl } = this.#plan
    this.#listening = { url, pageUrl, port, addresses, consoleUrl, secretFile }
    this.#plan.onSecretFiles({ secretFile, operatorSecretFile })
    this.#plan.onFact({ kind: 'broker-listening', at: { url, pageUrl, port, addresses, consoleUrl } })
    // The runner outlives the broker: it is started once, and finds a restarted broker by itself.
    if (this.#runnerStarted) return
    this.#runnerStarted = true
    this.#runner.start()
  }

  #heardRunner(message: unknown): void {
    const fact = factOfRunner(message, Date.now())
    if (fact === null) return
    if (fact.kind === 'code') this.#runnerWasUp = true
    this.#plan.onFact(fact)
  }

  /** Whether a part that died shall be started again: not when it never came up, nor when it said that it must not. */
  #died(part: Part, wasUp: boolean, death: Death, retryInMs: number): boolean {
    const hopeful = startsAgain(wasUp, death)
    if (hopeful) this.#plan.onFact({ kind: 'died', part, retryInMs })
    else this.#plan.onHopeless(part, death, this.#lastPrinted[part])
    return hopeful
  }

  #printed(part: Part, text: string): void {
    this.#lastPrinted[part] = (this.#lastPrinted[part] + text).slice(-LAST_PRINTED_BYTES_MAX)
    this.#plan.onPrint(text)
  }
}

/** Whether a part that ended by itself is worth another start. */
export const startsAgain = (wasUp: boolean, { exitCode }: Death): boolean =>
  wasUp && !FINAL_EXITS.has(exitCode)
