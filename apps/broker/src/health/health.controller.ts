import { Controller, Get, Inject } from '@nestjs/common'
import { HttpProblem } from '../http/problem.ts'
import { Health } from './health.ts'

/** For supervisors and load balancers. */
@Controller()
export class HealthController {
  readonly #health: Health

  constructor(@Inject(Health) health: Health) {
    this.#health = health
  }

  /** The process lives. */
  @Get('healthz')
  alive() {
    return { status: 'ok' }
  }

  /** It can do its work. */
  @Get('readyz')
  async ready() {
    if (!(await this.#health.isReady())) throw new HttpProblem(503, 'NOT_READY', 'the store does not answer')
    return { status: 'ready' }
  }
}
