import { Controller } from '@nestjs/common'
import { HttpProblem } from '../http/problem.ts'
import { Answers } from '../routes/answers.ts'
import type { Health } from './health.ts'

/** For supervisors and load balancers. */
@Controller()
export class HealthController {
  constructor(private readonly health: Health) {}

  /** The process lives. */
  @Answers('get /healthz')
  alive() {
    return { status: 'ok' }
  }

  /** It can do its work. */
  @Answers('get /readyz')
  async ready() {
    const why = await this.health.whyNotReady()
    if (why !== null) throw new HttpProblem(503, 'NOT_READY', why)
    return { status: 'ready' }
  }
}
