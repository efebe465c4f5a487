import type { OperatorAct } from '@latchkey/domain/device-pairing/events'
import { assertNever, invariant } from '@latchkey/domain/kernel'
import { secondsLeft } from '@latchkey/domain/limits/budget'
import { signInRequest } from '@latchkey/protocol/console'
import { type AppsOrder, appsOrder } from '@latchkey/protocol/runner-apps'
import { Body, Controller, Param, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { AuditDesk } from '../audit/audit-desk.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Reach } from '../http/reach.ts'
import type { Log } from '../log/log.ts'
import { Answers } from '../routes/answers.ts'
import type { RunnerOrders } from '../runner-pairing/runner-orders.ts'
import type { ConsoleStream } from './console-stream.ts'
import type { ConsoleView } from './console-view.ts'
import { type OperatorAccess, SESSION_LIFE_MS } from './operator-access.ts'
import type { OperatorGuard } from './operator-guard.ts'

interface Parts {
  readonly access: OperatorAccess
  readonly guard: OperatorGuard
  readonly view: ConsoleView
  readonly stream: ConsoleStream
  readonly orders: RunnerOrders
  readonly audit: AuditDesk
  readonly reach: Reach
  readonly addresses: ClientAddresses
  readonly log: Log
}

/** How the audit calls each order to a runner; null: it only asks. */
const ACTS = {
  apps: null,
  rename: 'app-renamed',
  revoke: 'app-revoked',
  'revoke-all': 'all-apps-revoked',
  lock: 'pairing-locked',
} as const satisfies Readonly<Record<AppsOrder['command'], OperatorAct | null>>

/** Signing in to the console, and what it shows. */
@Controller()
export class OperatorController {
  constructor(private readonly parts: Parts) {}

  @Answers('post /operator/sign-in')
  async signIn(
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    const parsed = signInRequest.safeParse(body)
    if (!parsed.success) throw new HttpProblem(400, 'INVALID_FORMAT', 'expected {"token": "…"}')
    const address = this.parts.addresses.of(request)
    const outcome = await this.parts.access.signIn(parsed.data.token, address)
    switch (outcome.status) {
      case 'signed-in':
        response.setHeader('set-cookie', this.#cookie(outcome.session.cookie, SESSION_LIFE_MS))
        this.parts.log.info('operator.signed-in', { address })
        await this.parts.audit.did({ what: 'signed-in', ip: address })
        return { signedInUntil: outcome.until, pageKey: outcome.session.pageKey }
      case 'banned':
        throw new HttpProblem(429, 'RATE_LIMITED', 'too many attempts: wait', {
          retryAfterSeconds: secondsLeft(outcome.leftMs),
        })
      case 'wrong':
        this.parts.log.warn('operator.wrong-link', { address })
        throw new HttpProblem(401, 'LINK_NOT_VALID', 'this link was used already, or is too old')
    }
  }

  @Answers('post /operator/sign-out')
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const session = this.parts.guard.sessionOf(request)
    if (session !== null && (await this.parts.access.sessionUntil(session)) !== null)
      await this.parts.audit.did({ what: 'signed-out', ip: this.parts.addresses.of(request) })
    await this.parts.access.signOut(session)
    response.setHeader('set-cookie', this.#cookie('', 0))
  }

  /** A new console URL, in exchange for the operator's secret. */
  @Answers('post /operator/link')
  link() {
    return { consoleUrl: this.parts.reach.consoleUrl(this.parts.access.makeConsoleUrlToken()) }
  }

  @Answers('get /operator/overview')
  overview(@Req() request: Request) {
    return this.parts.view.make(this.parts.guard.untilOf(request))
  }

  /** The part of the overview that tells of machines, for programs. */
  @Answers('get /machines')
  async machines() {
    const { serverTime, runners } = await this.parts.view.make(null)
    return { serverTime, machines: runners }
  }

  @Answers('get /console/events')
  events(@Req() request: Request, @Res() response: Response): void {
    const { access, guard, stream } = this.parts
    const session = guard.sessionOf(request)
    const until = guard.untilOf(request)
    invariant(until !== null, 'the guard lets in signed-in consoles alone')
    if (stream.isFull) throw new HttpProblem(429, 'TOO_MANY_CONSOLES')
    stream.begin(response, until, async () => (await access.sessionUntil(session)) !== null)
  }

  /** What a runner says of its apps, or does about them: it decides, this passes on. */
  @Answers('post /operator/runners/{runnerId}/apps')
  async apps(@Param('runnerId') runnerId: string, @Body() body: unknown, @Req() request: Request) {
    const order = appsOrder.safeParse(body)
    if (!order.success) throw new HttpProblem(400, 'INVALID_FORMAT', 'this is no order for a runner')
    const outcome = await this.parts.orders.give(runnerId, order.data)
    switch (outcome.status) {
      case 'done': {
        const what = ACTS[order.data.command]
        const ip = this.parts.addresses.of(request)
        if (what !== null) await this.parts.audit.did({ what, ip, to: { id: runnerId, name: '' } })
        return outcome.answer
      }
      case 'no-such-app':
        throw new HttpProblem(404, 'NO_SUCH_APP', 'the machine does not know this app')
      case 'offline':
        throw new HttpProblem(503, 'RUNNER_OFFLINE', 'the machine is not connected: only it can do this')
      case 'silent':
        throw new HttpProblem(504, 'TIMEOUT', 'the machine did not answer: whether it was done is not known')
      case 'failed':
        throw new HttpProblem(502, 'RUNNER_FAILED', 'the machine could not do this')
      default:
        return assertNever(outcome)
    }
  }

  #cookie(value: string, lifeMs: number): string {
    const secure = this.parts.reach.isHttps ? '; Secure' : ''
    const maxAgeSeconds = Math.max(0, Math.round(lifeMs / 1_000))
    return `${this.parts.reach.operatorCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`
  }
}
