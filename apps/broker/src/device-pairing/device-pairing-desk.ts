import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Decision } from '@latchkey/domain/kernel'
import type * as wire from '@latchkey/protocol/device-pairing'
import type { z } from 'zod'
import type { ClusterBus } from '../cluster/cluster-bus.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import type { Reach } from '../http/reach.ts'
import { AddressBudgets } from '../limits/address-budgets.ts'
import type { DevicePairingService } from './device-pairing.service.ts'
import { type DeviceRefusal, deviceProblem } from './device-refusal.ts'
import { joinTokenDigest } from './device-secrets.ts'
import type { DeviceView } from './device-view.ts'
import type { JoinStream } from './join-stream.ts'

type Request<Name extends keyof typeof wire> = (typeof wire)[Name] extends z.ZodType<infer Out> ? Out : never

/** Tokens have 256 bits: this only keeps somebody's tries out of the way of others. */
const UNKNOWN_TOKENS = { bansAtFailure: 20, windowMs: 60_000, banMs: 60_000, resolutionMs: 1 }
/** A page that follows is there for minutes at most, and there are many: one of them goes soon. */
const STREAMS_FULL_WAIT_MS = 10_000

interface Parts {
  readonly pairing: DevicePairingService
  readonly view: DeviceView
  readonly stream: JoinStream
  readonly reach: Reach
  readonly addresses: ClientAddresses
  readonly bus: ClusterBus
  readonly clock: () => number
}

/** Answers pairing's requests in the words of the wire. A refusal is thrown as its problem. */
export class DevicePairingDesk {
  readonly #budgets: AddressBudgets

  constructor(private readonly parts: Parts) {
    this.#budgets = new AddressBudgets(UNKNOWN_TOKENS, parts.clock)
  }

  async start({ name }: Request<'startRequest'>): Promise<z.input<typeof wire.startReply>> {
    const decision = await this.parts.pairing.start(name)
    if (!decision.ok && decision.refusal.code === 'TOO_MANY_PAIRINGS')
      throw deviceProblem(decision.refusal, await this.parts.view.nextEndMs())
    const { token, state } = granted(decision)
    return {
      token,
      qr_url: this.parts.reach.joinUrl(token),
      expires_at: new Date(state.expiresAt).toISOString(),
      id: state.token,
      expiresAt: state.expiresAt,
      serverTime: this.#now(),
    }
  }

  async connect(
    request: IncomingMessage,
    said: Request<'connectRequest'>,
  ): Promise<z.input<typeof wire.connectReply>> {
    const address = this.parts.addresses.of(request)
    const { pin, nodeId, name, expiresAt } = await this.#limited(address, () =>
      this.parts.pairing.connect(said, address),
    )
    return { pin, nodeId, name, host: this.parts.reach.name, expiresAt, serverTime: this.#now() }
  }

  async verify(said: Request<'verifyRequest'>): Promise<z.input<typeof wire.verifyReply>> {
    const { node, session } = granted(await this.parts.pairing.verify(said))
    const view = await this.parts.view.device(node, await this.parts.bus.census())
    return { success: true, session_token: session?.handle ?? '', node: view }
  }

  async cancel(said: Request<'cancelRequest'>): Promise<z.input<typeof wire.cancelReply>> {
    granted(await this.parts.pairing.cancel(said))
    return { success: true }
  }

  async consent(said: Request<'consentRequest'>): Promise<z.input<typeof wire.consentReply>> {
    const { token } = granted(
      await this.parts.pairing.consent(said.user_code, said.approve, {
        ...(said.roles && { roles: said.roles }),
        appRights: said.appRights,
      }),
    )
    return { success: true, id: token }
  }

  /** Answers with the stream of what happens to this token's pairing. */
  async follow(
    request: IncomingMessage,
    response: ServerResponse,
    { token }: Request<'followRequest'>,
  ): Promise<void> {
    const digest = joinTokenDigest(token)
    await this.#limited(this.parts.addresses.of(request), async () => {
      const state = await this.parts.pairing.find(digest)
      return state === null ? { ok: false, refusal: { code: 'TOKEN_UNKNOWN' } } : { ok: true, value: state }
    })
    if (this.parts.stream.isFull) throw deviceProblem({ code: 'RATE_LIMITED' }, STREAMS_FULL_WAIT_MS)
    this.parts.stream.begin(response, digest)
  }

  /** An address that keeps sending unknown tokens is told to wait. */
  async #limited<T>(address: string, ask: () => Promise<Decision<T, DeviceRefusal>>): Promise<T> {
    const leftMs = this.#budgets.banLeftMs(address)
    if (leftMs > 0) throw deviceProblem({ code: 'RATE_LIMITED' }, leftMs)
    const decision = await ask()
    if (!decision.ok && decision.refusal.code === 'TOKEN_UNKNOWN') this.#budgets.charge(address)
    return granted(decision)
  }

  #now(): number {
    return Math.floor(this.parts.clock())
  }
}

/** The value of a decision. Throws a refusal as its problem. */
export function granted<T>(decision: Decision<T, DeviceRefusal>): T {
  if (!decision.ok) throw deviceProblem(decision.refusal)
  return decision.value
}
