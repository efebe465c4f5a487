import type { SocketOptions, WhatsAppLibrary, WhatsAppSocket } from '@latchkey/domain/accounts/ports'
import { enforceSignatures } from './signatures.ts'
import { type LibrarySettings, openSocket } from './socket.ts'

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
