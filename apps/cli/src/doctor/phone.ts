import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { visitReply } from '@latchkey/protocol/doctor'
import type { Invocation } from '../command.ts'
import { qrLines } from '../up/qr.ts'
import { type Finding, fine, leftOut, warns } from './finding.ts'
import { isLoopback } from './way.ts'

const MARK_BYTES = 16
const LOOK_EVERY_MS = 1_000
/** Long enough to find the phone and unlock it. */
const WAIT_MS = 3 * 60 * 1_000
const ANSWER_WITHIN_MS = 5_000

/** Where the broker is, for this machine and for others. */
export interface Reached {
  readonly localUrl: string
  /** as shown to people */
  readonly url: string
}

/**
 * Shows a URL and its QR, and waits until another device opens it, Enter is pressed, or three minutes are over.
 * @param isWanted also where no person looks, for programs: they read the event `doctor-visit`
 */
export async function judgePhone(call: Invocation, at: Reached, isWanted: boolean): Promise<Finding> {
  if (!isWanted && !call.manner.keys)
    return leftOut('phone', 'no person looks at this output', 'latchkey doctor in a terminal, or --phone')
  if (isLoopback(new URL(at.url).hostname) && !isWanted)
    return leftOut('phone', 'the broker listens on this machine alone', 'latchkey up, without --local')
  const mark = randomBytes(MARK_BYTES).toString('base64url')
  if ((await visited(at.localUrl, mark)) === null)
    return leftOut('phone', 'this broker is older than the question', 'update the broker')
  const url = `${at.url.replace(/\/$/, '')}/d/${mark}`
  const skip = new AbortController()
  show(call, url)
  const lines = call.manner.keys ? createInterface({ input: call.stdin }) : null
  lines?.once('line', () => skip.abort())
  lines?.once('close', () => skip.abort())
  const beganMs = performance.now()
  try {
    while (performance.now() - beganMs < WAIT_MS && !skip.signal.aborted) {
      if ((await visited(at.localUrl, mark)) === true) return fine('phone', 'another device opened the page')
      await wait(LOOK_EVERY_MS, undefined, { signal: skip.signal }).catch(() => {})
    }
  } finally {
    lines?.close()
  }
  return skip.signal.aborted
    ? leftOut('phone', 'skipped')
    : warns(
        'phone',
        `no device opened ${url.slice(0, -mark.length)}… in three minutes`,
        'put the phone into the same network, or set LATCHKEY_PUBLIC_URL to an address that it reaches',
      )
}

function show(call: Invocation, url: string): void {
  call.emit({ event: 'doctor-visit', url })
  if (call.manner.json) return
  call.say('')
  if (call.manner.qr) for (const line of qrLines(url, 2).lines) call.draw(`  ${line}`)
  call.say(`  Open ${url} on a phone. Waiting (Enter to skip)…`)
}

/** Whether the mark was visited; null where the broker does not know the question. */
async function visited(localUrl: string, mark: string): Promise<boolean | null> {
  try {
    const response = await fetch(`${localUrl.replace(/\/$/, '')}/doctor/visits/${mark}`, {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    return visitReply.safeParse(await response.json()).data?.visited ?? null
  } catch {
    return false
  }
}
