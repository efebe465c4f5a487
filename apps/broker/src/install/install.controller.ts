import type { InstallReply } from '@latchkey/protocol/install'
import { Controller, Param, Res } from '@nestjs/common'
import type { Response } from 'express'
import { HttpProblem } from '../http/problem.ts'
import { failureFields, type Log } from '../log/log.ts'
import { Answers } from '../routes/answers.ts'
import type { Handout, HandoutDesk } from './handout.ts'

interface Parts {
  readonly handouts: HandoutDesk
  readonly log: Log
}

/** Another machine installs this broker's own release from here. */
@Controller()
export class InstallController {
  constructor(private readonly parts: Parts) {}

  @Answers('get /install')
  async script(@Res() response: Response): Promise<void> {
    const { script } = await this.#handout()
    response.setHeader('content-type', 'text/x-shellscript; charset=utf-8')
    response.setHeader('cache-control', 'no-cache')
    response.send(script)
  }

  @Answers('get /install/{file}')
  async file(@Param('file') name: string, @Res() response: Response): Promise<void> {
    const made = (await this.#handout()).files.get(name)
    if (made === undefined) throw new HttpProblem(404, 'NO_SUCH_FILE', 'this broker gives no such file')
    response.setHeader('cache-control', 'no-cache')
    response.sendFile(await made(), { headers: { 'content-type': 'application/gzip' } })
  }

  @Answers('get /operator/install')
  async told(): Promise<InstallReply> {
    return (await this.#handout()).told
  }

  async #handout(): Promise<Handout> {
    const made = await this.parts.handouts.handout().catch((problem: unknown) => {
      this.parts.log.error('install.failed', failureFields(problem))
      throw new HttpProblem(503, 'NOT_READY', 'this broker cannot pack its own release; its log says why')
    })
    if (made === null)
      throw new HttpProblem(
        503,
        'NOT_PACKED',
        'this broker runs from a clone: "npm run pack" there makes the release',
      )
    return made
  }
}
