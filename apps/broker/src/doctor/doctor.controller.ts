import { type VisitReply, visitMark } from '@latchkey/protocol/doctor'
import { Controller, Param, Res } from '@nestjs/common'
import type { Response } from 'express'
import { HttpProblem } from '../http/problem.ts'
import { Answers } from '../routes/answers.ts'
import type { Visits } from './visits.ts'

/** Long enough to tell from a busy way, short enough for a person who watches. */
const DRIP_EVERY_MS = 500
/** For a person with the phone in hand, in the three languages of the pages. */
const REACHED = [
  'This device reaches the Latchkey broker. The machine that asked has been told. You may close this page.',
  'Это устройство видит брокер Latchkey. Машина, которая спрашивала, уже знает. Страницу можно закрыть.',
  '此设备可以连接 Latchkey 中转服务器。发出请求的机器已收到通知。可以关闭此页面。',
]

/** What `latchkey doctor` asks of the way to this broker. Nothing here tells anything about pairings. */
@Controller()
export class DoctorController {
  constructor(private readonly visits: Visits) {}

  /** Two lines, the second one later: a proxy that holds answers back delivers both at once. */
  @Answers('get /doctor/drip')
  drip(@Res() response: Response): void {
    // The headers of the console's event stream, which a proxy must let through in the same way.
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write(': first\n\n')
    const timer = setTimeout(() => response.end(': second\n\n'), DRIP_EVERY_MS)
    response.on('close', () => clearTimeout(timer))
    response.on('error', () => {}) // 'close' follows
  }

  @Answers('get /doctor/visits/{mark}')
  visit(@Param('mark') mark: string): VisitReply {
    return { visited: this.visits.expect(marked(mark)) }
  }

  @Answers('get /d/{mark}')
  reached(@Param('mark') mark: string, @Res() response: Response): void {
    if (!this.visits.visit(marked(mark)))
      throw new HttpProblem(404, 'NOT_FOUND', 'no latchkey doctor waits for this visit: run it again')
    response.setHeader('cache-control', 'no-store')
    response.type('html').send(page())
  }
}

function marked(mark: string): string {
  const read = visitMark.safeParse(mark)
  if (read.success) return read.data
  throw new HttpProblem(404, 'NOT_FOUND', 'this is no mark of latchkey doctor')
}

const page = (): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latchkey</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1.25rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1.5rem }
  p + p { opacity: .8; font-size: 1rem }
</style>
<main>
  <h1>Latchkey ✓</h1>
  <p>${REACHED[0]}</p>
  <p lang="ru">${REACHED[1]}</p>
  <p lang="zh">${REACHED[2]}</p>
</main>
</html>
`
