import type { IncomingMessage } from 'node:http'
import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { Response } from 'express'
import { Metrics } from './metrics.ts'
import { MetricsGuard } from './metrics-guard.ts'

/** For Prometheus. */
@Controller()
export class MetricsController {
  readonly #metrics: Metrics
  readonly #guard: MetricsGuard

  constructor(@Inject(Metrics) metrics: Metrics, @Inject(MetricsGuard) guard: MetricsGuard) {
    this.#metrics = metrics
    this.#guard = guard
  }

  /** This process's figures. */
  @Get('metrics')
  async scrape(@Req() request: IncomingMessage, @Res() response: Response): Promise<void> {
    await this.#guard.requireReader(request)
    response.setHeader('content-type', this.#metrics.contentType)
    response.setHeader('cache-control', 'no-store')
    response.send(await this.#metrics.text())
  }
}
