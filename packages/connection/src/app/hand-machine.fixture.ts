import { utf8 } from '@latchkey/protocol/bytes'
import { CloseReason, encodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import {
  type AppMessage,
  decodeAppMessages,
  encodeRunnerMessages,
  type RunnerMessage,
} from '@latchkey/protocol/terminal/messages'
import { decodePlaintext, encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { type HandSocket, settled } from '../hand-platform.fixture.ts'

const CHANNEL = 5

/** The broker and the unsealed machine at the other end of a terminal connection, played by the test. */
export function handMachine(socket: HandSocket) {
  /** The broker admits the connection, and leads it to `runnerId`. */
  const admit = async (runnerId = 'forge') => {
    const opening = { channel: CHANNEL, pid: 'ab'.repeat(16), runnerId }
    socket.onFrame(encodeFrame(FrameType.opened, CHANNEL, utf8(JSON.stringify(opening))))
    await settled()
  }
  const says = (message: RunnerMessage) => {
    const bytes = encodeRunnerMessages([message])
    const plaintext = encodePlaintext({ stream: Stream.control, seq: 0, bytes })
    socket.onFrame(encodeFrame(FrameType.data, CHANNEL, plaintext))
  }
  const heard = (): AppMessage[] =>
    socket.frames().flatMap(({ type, channel, payload }) => {
      const plaintext = type === FrameType.data && channel === CHANNEL ? decodePlaintext(payload) : null
      return plaintext?.stream === Stream.control ? [...(decodeAppMessages(plaintext.bytes) ?? [])] : []
    })
  /** Answers the newest question. */
  const pong = () => {
    const ping = heard().findLast((message) => message.type === 'ping')
    if (ping?.type === 'ping') says({ type: 'pong', id: ping.id })
  }
  const welcome = () => {
    says({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      machine: 'forge',
      you: 'me',
      mayType: true,
      shell: 'sh',
      terminals: [],
    })
    pong()
  }
  const close = (reason: CloseReason = CloseReason.appGone) =>
    socket.onFrame(encodeFrame(FrameType.close, CHANNEL, Uint8Array.of(reason)))
  return { admit, says, heard, pong, welcome, close }
}
