import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'

/** An answer that is longer before its first message ends is not Engine.IO's. */
const FIRST_BYTES_MAX = 16 * 1024
const PING_INTERVAL = /"pingInterval":(\d{1,6})/

/** What came of asking for a WebSocket. */
export type Upgrade =
  | {
      readonly status: 'open'
      readonly socket: Duplex
      /** the broker sends a keep-alive this often, milliseconds */
      readonly pingEveryMs: number
    }
  /** an answer, but no WebSocket */
  | { readonly status: 'answered'; readonly httpStatus: number }
  | { readonly status: 'failed'; readonly why: string }

/**
 * Opens the control link as a WebSocket and reads its first message; nothing is sent on it. The caller destroys the socket.
 * @param timeoutMs for all of it
 */
export function openUpgrade(brokerUrl: string, timeoutMs: number): Promise<Upgrade> {
  const url = new URL(brokerUrl.replace(/\/*$/, '/socket.io/?EIO=4&transport=websocket'))
  return new Promise((resolve) => {
    const asked = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
    })
    let opened: Duplex | null = null
    const timer = setTimeout(() => end({ status: 'failed', why: 'no answer in time' }), timeoutMs)
    const end = (outcome: Upgrade): void => {
      clearTimeout(timer)
      if (outcome.status !== 'open') {
        opened?.destroy()
        asked.destroy()
      }
      resolve(outcome)
    }
    asked.on('error', (problem) => end({ status: 'failed', why: problem.message }))
    asked.on('response', ({ statusCode }) => end({ status: 'answered', httpStatus: statusCode ?? 0 }))
    asked.on('upgrade', (_, socket, head) => {
      opened = socket
      let read = head.toString('latin1')
      const look = (): void => {
        const [, interval] = PING_INTERVAL.exec(read) ?? []
        if (interval !== undefined) {
          socket.removeAllListeners('data')
          end({ status: 'open', socket, pingEveryMs: Number(interval) })
        } else if (read.length > FIRST_BYTES_MAX) end({ status: 'failed', why: 'it speaks no Socket.IO' })
      }
      socket.on('data', (bytes: Buffer) => {
        read += bytes.toString('latin1')
        look()
      })
      socket.on('error', () => {}) // 'close' follows
      socket.on('close', () => end({ status: 'failed', why: 'it was closed at once' }))
      look()
    })
    asked.end()
  })
}

/** Engine.IO's keep-alive in a WebSocket frame: text, one byte long, `2`. */
const KEEP_ALIVE = '\u0081\u00012'
/** Socket.IO's "connect", as a client's frame: text, two bytes, masked by zeros. Without it the broker closes after five seconds. */
const CONNECT = Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from('40')])

/**
 * Connects as an app that has nothing to say, and keeps still until the broker's next keep-alive. Answers how long it was
 * silent, and whether the connection lived. Destroys the socket.
 * @param withinMs later than this no keep-alive comes any more
 */
export function keepStill(
  socket: Duplex,
  withinMs: number,
): Promise<{ readonly lived: boolean; readonly silentMs: number }> {
  const beganMs = performance.now()
  return new Promise((resolve) => {
    const end = (lived: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ lived, silentMs: performance.now() - beganMs })
    }
    const timer = setTimeout(() => end(false), withinMs)
    socket.on('data', (bytes: Buffer) => {
      if (bytes.toString('latin1').includes(KEEP_ALIVE)) end(true)
    })
    socket.on('close', () => end(false))
    if (socket.destroyed) end(false)
    else socket.write(CONNECT)
    socket.resume()
  })
}
