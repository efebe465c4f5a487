import type { IncomingMessage } from 'node:http'
import { Controller, Get, Req, Res } from '@nestjs/common'
import type { Response } from 'express'
import type { Metrics } from './metrics.ts'
import type { MetricsGuard } from './metrics-guard.ts'

interface Parts {
  readonly metrics: Metrics
  readonly guard: MetricsGuard
}

/** For Prometheus. */
@Controller()
export class MetricsController {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** This process's figures. */
  @Get('metrics')
  async scrape(@Req() request: IncomingMessage, @Res() response: Response): Promise<void> {
    await this.#parts.guard.requireReader(request)
    response.setHeader('content-type', this.#parts.metrics.contentType)
    response.setHeader('cache-control', 'no-store')
    response.send(await this.#parts.metrics.text())
  }
}
