import { Controller, Res } from '@nestjs/common'
import type { Response } from 'express'
import { Answers } from '../routes/answers.ts'
import type { Metrics } from './metrics.ts'

/** For Prometheus. */
@Controller()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** This process's figures. */
  @Answers('get /metrics')
  async scrape(@Res() response: Response): Promise<void> {
    response.setHeader('content-type', this.metrics.contentType)
    response.setHeader('cache-control', 'no-store')
    response.send(await this.metrics.text())
  }
}
