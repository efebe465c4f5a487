import { type PairingCode, parsePairingCode } from '@latchkey/domain/runner-pairing/code'
import {
  findCodeByRunnerId,
  incrementUsageCount,
  invalidateCode,
  registerCode,
  retireAgedCode,
  validateCode,
} from '@latchkey/domain/runner-pairing/founding-codes'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { parseRunnerId } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { Inject, Injectable } from '@nestjs/common'
import { runnerOf } from '../shell/founding-ids.ts'
import { PairingError } from '../shell/pairing-error.ts'
import { CODE_TRIES_MAX, PAIRING_RULES, PAIRING_STORE } from '../wiring.ts'
import { CodeDeadlines } from './code-deadlines.ts'

export interface ValidationResult {
  readonly valid: boolean
  readonly runnerId?: string
  readonly error?: 'CODE_NOT_FOUND' | 'CODE_EXPIRED'
}

/** The life of pairing codes, one step at a time. Each step is atomic; rejects with PairingError, or when the store failed. */
@Injectable()
export class PairingCodeService {
  readonly #store: PairingStore
  readonly #rules: PairingRules
  readonly #triesMax: number
  readonly #deadlines: CodeDeadlines

  constructor(
    @Inject(PAIRING_STORE) store: PairingStore,
    @Inject(PAIRING_RULES) rules: PairingRules,
    @Inject(CODE_TRIES_MAX) triesMax: number,
  ) {
    this.#store = store
    this.#rules = rules
    this.#triesMax = triesMax
    this.#deadlines = new CodeDeadlines(
      async (id) => (await this.#store.run(retireAgedCode({ runnerId: runnerOf(id) }, rules))).leftMs,
    )
  }

  /** Rejects with an error whose message is DUPLICATE_CODE when the code exists. */
  async registerCode(code: string, runnerId: string): Promise<void> {
    const command = { code: codeOf(code), runnerId: runnerOf(runnerId) }
    const decision = await this.#store.run(registerCode(command, this.#rules))
    if (!decision.ok) throw new PairingError(decision.refusal.code)
    this.#deadlines.watch(command.runnerId, this.#rules.codeLifeMs)
  }

  /** Whether the code would find a runner. Writes nothing. */
  async validateCode(code: string): Promise<ValidationResult> {
    const parsed = parsePairingCode(code)
    if (parsed === null) return { valid: false, error: 'CODE_NOT_FOUND' }
    const decision = await this.#store.run(validateCode({ code: parsed }, this.#rules))
    return decision.ok
      ? { valid: true, runnerId: decision.value.runnerId }
      : { valid: false, error: decision.refusal.code }
  }

  /** Frees the code; doing it twice is doing it once. */
  async invalidateCode(code: string): Promise<void> {
    const parsed = parsePairingCode(code)
    if (parsed !== null) await this.#store.run(invalidateCode({ code: parsed }, this.#rules))
  }

  async findCodeByRunnerId(runnerId: string): Promise<string | null> {
    const parsed = parseRunnerId(runnerId)
    return parsed === null ? null : this.#store.run(findCodeByRunnerId({ runnerId: parsed }, this.#rules))
  }

  /** The first generated code that is free. Rejects with an error that says DUPLICATE_CODE, and how often it tried, when none was. */
  async registerCodeWithRetry(codeGenerator: () => string, runnerId: string): Promise<string> {
    for (let tries = 0; tries < this.#triesMax; tries++) {
      const code = codeGenerator()
      try {
        await this.registerCode(code, runnerId)
        return code
      } catch (problem) {
        if (!(problem instanceof PairingError && problem.code === 'DUPLICATE_CODE')) throw problem
      }
    }
    const details = `no free code after ${this.#triesMax} attempts`
    throw new PairingError('DUPLICATE_CODE', details, `DUPLICATE_CODE: ${details}`)
  }

  /** Counts one use, exactly, and leaves the expiry as it is. */
  async incrementUsageCount(code: string): Promise<void> {
    const parsed = parsePairingCode(code)
    if (parsed !== null) await this.#store.run(incrementUsageCount({ code: parsed }, this.#rules))
  }
}

function codeOf(text: string): PairingCode {
  const code = parsePairingCode(text)
  if (code === null) throw new PairingError('INVALID_FORMAT', 'a code looks like ABC-123-XYZ')
  return code
}
