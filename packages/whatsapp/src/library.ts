import type { SocketOptions, WhatsAppLibrary, WhatsAppSocket } from '@latchkey/domain/linking/ports'
import { enforceSignatures } from './signatures.ts'
import { openSocket } from './socket.ts'

export interface LibrarySettings {
  /** where WhatsApp is; the library's own address when null */
  readonly url: string | null
  /** the client version to claim, `2.3000.1043857760`; the library's own when null */
  readonly version: string | null
}

const BAILEYS = '7.0.0-rc14'

/** WhatsApp behind the linking port. Enforces signatures in this process once and for all. */
export function openLibrary(settings: LibrarySettings): WhatsAppLibrary {
  enforceSignatures()
  return {
    name: 'baileys',
    version: BAILEYS,
    open: (options: SocketOptions): Promise<WhatsAppSocket> => openSocket(settings, options),
  }
}
