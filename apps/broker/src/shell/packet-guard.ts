import type { Log } from '../log/log.ts'
import type { ControlServer } from './connection.ts'

/** A second's worth may come at once, as when a page catches up. */
const BURST_SECONDS = 2

/**
 * Closes connections that send too much, or what this plane never has: binary packets, which a parser would collect until they
 * are complete. Below Socket.IO, so that nothing of it has been parsed yet.
 */
export function guardPackets(
  server: ControlServer,
  { perSecondMax, log }: { perSecondMax: number; log: Log },
): void {
  server.engine.on('connection', (raw: RawConnection) => {
    let left = perSecondMax * BURST_SECONDS
    let at = performance.now()
    raw.on('packet', ({ type, data }) => {
      const now = performance.now()
      left = Math.min(perSecondMax * BURST_SECONDS, left + ((now - at) / 1_000) * perSecondMax) - 1
      at = now
      const isBinary = type === 'message' && (typeof data !== 'string' || /^[56]/.test(data))
      if (left >= 0 && !isBinary) return
      log.info('connection.closed', { reason: isBinary ? 'binary-packet' : 'too-many-messages' })
      raw.close()
    })
  })
}

/** The part of Engine.IO's socket that is used here. */
interface RawConnection {
  on(event: 'packet', listener: (packet: { readonly type: string; readonly data?: unknown }) => void): unknown
  close(): void
}
