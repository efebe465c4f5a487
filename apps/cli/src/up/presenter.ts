import type { ListedApp } from '@latchkey/protocol/runner-apps'
import type { Invocation } from '../command.ts'
import {
  BEGINNING,
  connectedApps,
  counted,
  evolve,
  type Fact,
  type PromptRights,
  pairingUrl,
  stayingTerminals,
  type UpState,
} from './facts.ts'
import { LineView } from './line-view.ts'
import { LiveView, type UpView } from './live-view.ts'
import type { Machine } from './machine.ts'
import { eventOf, noteOf, readyEvent } from './program-events.ts'
import { nextAddress } from './reach.ts'

/** How long a first Ctrl-C waits for the second. */
const SURE_WITHIN_MS = 10_000
/** npm, the start script and the terminal each pass on the same Ctrl-C. */
const SAME_INTERRUPT_MS = 250

export interface Orders {
  newCode(): void
  /** Lets no new app pair from now on, or lets them again. */
  lock(on: boolean): void
  /** Sets the rights of the app whose PIN is shown: type, or watch only and what else. */
  decide(rights: PromptRights): void
  /** The app that waits and cannot seal may come in; `pin` is the number of the question. */
  accept(pin: string): void
  /** The apps that this machine knows; null when its runner does not answer. */
  listApps(): Promise<readonly ListedApp[] | null>
  /** Ends an app's access at once and for ever. */
  revoke(app: string): Promise<void>
  /** The person is sure. */
  stop(): void
  /** The person does not want to wait for the stop. */
  kill(): void
}

/** Shows facts to people and programs, and reads the person's keys. For `up` and `run`. */
export class Presenter {
  readonly #call: Invocation
  readonly #machine: Machine
  readonly #orders: Orders
  readonly #view: UpView
  #state: UpState = BEGINNING
  #ready = false
  #ended = false
  #askedAtMs = Number.NEGATIVE_INFINITY
  #interruptedAtMs = Number.NEGATIVE_INFINITY

  constructor(call: Invocation, machine: Machine, orders: Orders) {
    this.#call = call
    this.#machine = machine
    this.#orders = orders
    this.#view = call.manner.live
      ? new LiveView(call, machine, this.#state, {
          newCode: () => orders.newCode(),
          copyUrl: () => this.#copyUrl(),
          toggleLock: () => orders.lock(this.#state.locked === null),
          viewOnly: () =>
            this.#decide(({ viewOnly }) => ({ viewOnly: !viewOnly, approve: false, send: false })),
          toggleRight: (right) =>
            this.#decide((now) => (now.viewOnly ? { ...now, [right]: !now[right] } : now)),
          accept: () => {
            const { prompt } = this.#state
            if (prompt?.unsealed === true) orders.accept(prompt.pin)
          },
          nextAddress: () => this.#nextAddress(),
          listApps: () => orders.listApps(),
          revoke: (app) => orders.revoke(app),
          interrupt: () => this.interrupt(),
        })
      : new LineView(call, machine)
  }

  #decide(change: (rights: PromptRights) => PromptRights): void {
    const { prompt } = this.#state
    if (prompt === null) return
    const { viewOnly, approve, send } = prompt
    this.#orders.decide(change({ viewOnly, approve, send }))
  }

  get state(): UpState {
    return this.#state
  }

  /** Applies a fact and shows the change; does nothing after `end`. */
  happened(fact: Fact): void {
    if (this.#ended) return
    const before = this.#state
    this.#state = evolve(before, fact)
    const note = noteOf(fact, before, this.#state)
    if (note !== null) this.#view.note(note)
    this.#view.show(this.#state)
    this.#tellPrograms(fact)
  }

  note(line: string): void {
    this.#view.note(line)
  }

  /** A Ctrl-C, by key or by signal. While an app is connected, it asks once. */
  interrupt(): void {
    const now = Date.now()
    const sinceLastMs = now - this.#interruptedAtMs
    this.#interruptedAtMs = now
    if (sinceLastMs < SAME_INTERRUPT_MS) return
    if (this.#ended) return this.#orders.kill()
    const apps = connectedApps(this.#state).length
    const busy = apps > 0 || this.#state.openTerminals > 0
    if (busy && this.#call.manner.live && now - this.#askedAtMs > SURE_WITHIN_MS) {
      this.#askedAtMs = now
      const terminals = counted(this.#state.openTerminals, 'terminal')
      const goOn = this.#machine.endTerminals || this.#state.openTerminals === 0 ? '' : ' Terminals go on.'
      this.note(`${counted(apps, 'app')} connected, ${terminals} open: press Ctrl-C again to stop.${goOn}`)
      return
    }
    this.#orders.stop()
  }

  /** Gives the terminal back as it was. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    const open = this.#state.openTerminals
    if (open > 0) {
      const closed = `${counted(open, 'terminal')} will be closed.`
      this.#view.note(`Stopping: ${this.#machine.endTerminals ? closed : stayingTerminals(open)}`)
    }
    this.#view.end()
  }

  #tellPrograms(fact: Fact): void {
    const ready = readyEvent(this.#state)
    if (this.#ready) this.#call.emit(eventOf(fact, this.#state))
    else if (ready !== null) {
      this.#ready = true
      this.#call.emit(ready)
    }
    // What a script reads from stdout when it did not ask for JSON: the link, again whenever it changed.
    const { stdout, manner, print } = this.#call
    const wanted = !manner.json && (manner.quiet || !stdout.isTTY)
    const { listening, code } = this.#state
    if (wanted && (fact.kind === 'code' || fact.kind === 'fragment') && listening !== null && code !== null)
      print(pairingUrl(listening, code.text, this.#state.fragment))
  }

  #nextAddress(): void {
    const url = nextAddress(this.#state)
    if (url === null) return this.note('This broker has no other address that a phone could open.')
    this.happened({ kind: 'address', url })
    this.note(`Links and QR codes now lead to ${new URL(url).host}.`)
  }

  #copyUrl(): void {
    const { listening, code } = this.#state
    if (listening === null || code === null) return
    this.#view.copy(pairingUrl(listening, code.text, this.#state.fragment))
    this.note('Link copied, if this terminal lets programs copy.')
  }
}
