import type { IncomingMessage } from 'node:http'
import { PAGE_KEY_HEADER } from '@latchkey/protocol/console'
import type { ClientAddresses } from '../http/client-address.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Reach } from '../http/reach.ts'
import type { OperatorAccess, OperatorSession } from './operator-access.ts'

interface Parts {
  readonly access: OperatorAccess
  readonly reach: Reach
  readonly addresses: ClientAddresses
}

/** Tells the operator from everybody else: by the console's cookie with its page's key, or by the operator's secret as a bearer. */
export class OperatorGuard {
  readonly #untils = new WeakMap<IncomingMessage, number>()

  constructor(private readonly parts: Parts) {}

  /** Rejects with the problem to answer with when the request is not the operator's. */
  async requireOperator(request: IncomingMessage): Promise<void> {
    if (!(await this.#isSignedIn(request))) await this.requireSecret(request)
  }

  /** Rejects with the problem to answer with unless the request is signed in to the console. */
  async requireSession(request: IncomingMessage): Promise<void> {
    if (!(await this.#isSignedIn(request)))
      throw new HttpProblem(401, 'NOT_SIGNED_IN', 'open the link that the broker printed')
  }

  /** Until when the session of a request that was let in is good, milliseconds since the epoch; null for a bearer. */
  untilOf(request: IncomingMessage): number | null {
    return this.#untils.get(request) ?? null
  }

  /** Rejects with the problem to answer with unless the bearer knows the operator's secret. A wrong one is charged. */
  async requireSecret(request: IncomingMessage): Promise<void> {
    const [, bearer] = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '') ?? []
    if (bearer === undefined) throw new HttpProblem(401, 'NOT_SIGNED_IN')
    const shown = await this.parts.access.showSecret(bearer, this.parts.addresses.of(request))
    if (shown.status === 'banned')
      throw new HttpProblem(429, 'RATE_LIMITED', `too many attempts: wait ${shown.seconds} s`, {
        retryAfterSeconds: shown.seconds,
      })
    if (shown.status === 'wrong')
      throw new HttpProblem(
        401,
        'NOT_SIGNED_IN',
        "this is not the operator's secret: it is in the file operator-secret of the data folder",
      )
  }

  /** The session that the console's cookie and its page's key name, whether or not it is one; null unless both are there. */
  sessionOf({ headers }: IncomingMessage): OperatorSession | null {
    const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim().split('='))
    const cookie = cookies.find(([name]) => name === this.parts.reach.operatorCookie)?.[1] ?? ''
    const pageKey = headers[PAGE_KEY_HEADER]
    return cookie === '' || typeof pageKey !== 'string' || pageKey === '' ? null : { cookie, pageKey }
  }

  async #isSignedIn(request: IncomingMessage): Promise<boolean> {
    const until = await this.parts.access.sessionUntil(this.sessionOf(request))
    if (until !== null) this.#untils.set(request, until)
    return until !== null
  }
}
