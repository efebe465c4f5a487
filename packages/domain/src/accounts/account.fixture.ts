import { type Instant, instant } from '../kernel.ts'
import { type AccountMachine, newAccountMachine, type PhoneNumber } from './account.ts'
import { step } from './account-machine.ts'
import { parseAccountCode } from './code.ts'
import type { AccountCount, AccountEffect, AccountInput, SocketEvent } from './effects.ts'
import { defaultAccountRules } from './rules.ts'
import type { Circumstances } from './step.ts'

export const PHONE = '+79001234567' as PhoneNumber
export const OTHER_PHONE = '+79007654321' as PhoneNumber
export const CODE = parseAccountCode('ABCD1234')!
export const START_MS = 1_000_000
/** the first pause that WhatsApp gets when it asks for one */
export const COOL_MS = 300_000

/** One account, its clock and all that it has asked for so far. */
export class Story {
  machine: AccountMachine = newAccountMachine
  nowMs = START_MS
  readonly effects: AccountEffect[] = []
  chance = 0

  get at(): Circumstances {
    return { now: this.now, rules: defaultAccountRules, chance: this.chance }
  }
  get now(): Instant {
    return instant(this.nowMs)
  }
  get status(): string {
    return this.machine.account.status
  }

  input(input: AccountInput): this {
    const { machine, effects } = step(this.machine, input, this.at)
    this.machine = machine
    this.effects.push(...effects)
    // A pause begins at once.
    if (effects.some((effect) => effect.do === 'cool-down'))
      this.input({ type: 'cooled', until: instant(this.nowMs + COOL_MS) })
    return this
  }
  says(said: SocketEvent, generation = this.machine.generation): this {
    return this.input({ type: 'socket', generation, said })
  }
  closes(
    statusCode: number | null,
    cause: Extract<SocketEvent, { event: 'closed' }>['closing']['cause'],
  ): this {
    return this.says({ event: 'closed', closing: { cause, statusCode, bannedMs: null } })
  }
  /** lets time pass, and says `due` at its end */
  after(seconds: number): this {
    this.nowMs += seconds * 1_000
    return this.input({ type: 'due' })
  }
  asksQr(): this {
    return this.input({ type: 'start', method: 'qr', phone: null })
  }
  asksCode(phone = PHONE): this {
    return this.input({ type: 'start', method: 'code', phone })
  }
  showsQr(reference = 'ref-1'): this {
    return this.says({ event: 'qr', text: `https://wa.example/#${reference},noise,identity,secret,1` })
  }
  showsCode(): this {
    return this.asksCode().showsQr().says({ event: 'code', code: CODE })
  }
  /** from the phone's yes to the open connection */
  accounts(phone = PHONE): this {
    return this.pairs(phone).says({ event: 'open', phone })
  }
  pairs(phone = PHONE): this {
    return this.says({ event: 'paired', phone })
      .input({ type: 'saved', generation: this.machine.generation })
      .closes(515, 'restart-required')
  }
  connected(): this {
    return this.asksQr().showsQr().accounts()
  }

  /** effects since the last call */
  take(): readonly AccountEffect[] {
    return this.effects.splice(0)
  }
  done(kind: AccountEffect['do']): number {
    return this.effects.filter((effect) => effect.do === kind).length
  }
  counted(kind: AccountCount['count']): number {
    return this.effects.filter((effect) => effect.do === 'count' && effect.what.count === kind).length
  }
}
