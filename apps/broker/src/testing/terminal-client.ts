import { utf8 } from '@latchkey/protocol/bytes'
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import WebSocket from 'ws'
import { atCleanUp, within } from './harness.ts'

/** One end of the terminal plane, frame by frame. */
export interface TerminalClient {
  readonly socket: WebSocket
  /** the next frame that is no ping */
  next(): Promise<Frame>
  send(type: FrameType, channel: number, payload?: Uint8Array): void
  /** Resolves once the broker has read all that was sent before, and said what it had to say of it. */
  taken(): Promise<void>
  /** the code of the WebSocket's end */
  readonly ended: Promise<number>
  /** everything received so far, as raw messages */
  readonly received: Buffer[]
}

export async function openTerminal(
  port: number,
  headers: Record<string, string> = {},
): Promise<TerminalClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/terminal`, { perMessageDeflate: false, headers })
  atCleanUp(() => socket.terminate())
  const unread: Frame[] = []
  const waiting: ((frame: Frame) => void)[] = []
  const received: Buffer[] = []
  socket.on('message', (data: Buffer) => {
    received.push(data)
    const frame = decodeFrame(data)
    if (frame === null) throw new Error('the broker sent something that is no frame')
    if (frame.type === FrameType.ping)
      return socket.send(encodeFrame(FrameType.pong, frame.channel, frame.payload))
    const reader = waiting.shift()
    if (reader) reader(frame)
    else unread.push(frame)
  })
  const ended = new Promise<number>((resolve) => socket.on('close', resolve))
  socket.on('error', () => {})
  await within(
    'an upgrade',
    new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    }),
  )
  return {
    socket,
    ended,
    received,
    next: () =>
      within(
        'a frame',
        new Promise((resolve) => {
          const frame = unread.shift()
          if (frame) resolve(frame)
          else waiting.push(resolve)
        }),
      ),
    taken: () =>
      within(
        'a pong',
        new Promise((resolve) => {
          socket.once('pong', () => resolve())
          socket.ping()
        }),
      ),
    send: (type, channel, payload) => socket.send(encodeFrame(type, channel, payload)),
  }
}

/** Opens and shows its ticket. */
export async function enterTerminal(port: number, ticket: string): Promise<TerminalClient> {
  const terminal = await openTerminal(port)
  terminal.send(FrameType.data, NO_CHANNEL, utf8(ticket))
  return terminal
}

export const jsonOf = (frame: Frame): Record<string, unknown> =>
  JSON.parse(Buffer.from(frame.payload).toString())
