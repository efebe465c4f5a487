import { randomBytes } from 'node:crypto'
import type { Platform } from '@latchkey/connection/transport'
import { webSockets } from '@latchkey/connection/web-socket'
import { FRAME_BYTES_MAX } from '@latchkey/protocol/terminal/frames'
import { WebSocket } from 'ws'

/** Node's clock, timers and randomness, and `ws` without compression, which would halve a link's throughput. */
export const nodePlatform: Platform = {
  openSocket: webSockets(
    (url) => new WebSocket(url, { perMessageDeflate: false, maxPayload: FRAME_BYTES_MAX }),
  ),
  randomBytes: (byteCount) => randomBytes(byteCount),
  // The wall clock, since moments are shown to people; the link notices when it is set.
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
