import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CROCKFORD_SYMBOLS, FOUNDING_SYMBOLS } from '@latchkey/domain/runner-pairing/code'
import type { brokerInfo } from '@latchkey/protocol/console'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { Controller, Next, Req, Res } from '@nestjs/common'
import type { Handler, NextFunction, Request, Response } from 'express'
import type { z } from 'zod'
import { codeAlphabet } from '../config/rules.ts'
import type { Settings } from '../config/settings.ts'
import { HttpProblem } from '../http/problem.ts'
import { isInstalled } from '../install/handout.ts'
import type { PushUseCases } from '../push/push.use-cases.ts'
import { Answers, AnswersPages } from '../routes/answers.ts'
import { BROKER_VERSION } from '../version.ts'
import { webFiles } from './static-files.ts'

interface Parts {
  readonly settings: Settings
  readonly webRoot: string
  readonly push: PushUseCases
}

/** The pages: one file, which finds its way by the path. */
@Controller()
export class WebController {
  readonly #index: string
  readonly #files: Handler
  readonly #installed = isInstalled()

  constructor(private readonly parts: Parts) {
    this.#index = join(parts.webRoot, 'index.html')
    this.#files = webFiles(parts.webRoot)
  }

  @AnswersPages()
  page(@Req() request: Request, @Res() response: Response, @Next() next: NextFunction): void {
    if (!existsSync(this.#index))
      throw new HttpProblem(503, 'NOT_BUILT', 'the web app has not been built yet')
    request.url = '/index.html'
    this.#files(request, response, next)
  }

  @Answers('get /broker.json')
  info(): z.output<typeof brokerInfo> {
    const alphabet = codeAlphabet(this.parts.settings) === 'founding' ? FOUNDING_SYMBOLS : CROCKFORD_SYMBOLS
    const pushKey = this.parts.push.publicKey
    const installed = this.#installed
    return {
      name: 'latchkey',
      version: BROKER_VERSION,
      protocol: PROTOCOL_VERSION,
      alphabet,
      pushKey,
      installed,
    }
  }
}
