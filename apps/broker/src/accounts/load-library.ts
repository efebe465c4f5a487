import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WhatsAppLibrary } from '@latchkey/domain/accounts/ports'

/** How the optional room is told where WhatsApp is. */
export interface LibrarySettings {
  readonly url: string | null
  readonly version: string | null
}

interface LibraryRoom {
  openLibrary(settings: LibrarySettings): WhatsAppLibrary
}

const BUILT = new URL('../../../../packages/whatsapp/dist/library.js', import.meta.url)

const isRoom = (value: unknown): value is LibraryRoom =>
  typeof value === 'object' &&
  value !== null &&
  'openLibrary' in value &&
  typeof value.openLibrary === 'function'

/**
 * Loads packages/whatsapp, which no import names: its libsignal is GPL-3.0, and a broker without linking has none of it. Rejects
 * with a sentence when it was not built.
 */
export async function loadLibrary(settings: LibrarySettings): Promise<WhatsAppLibrary> {
  if (!existsSync(fileURLToPath(BUILT)))
    throw new Error(
      'WhatsApp linking is switched on and not installed: `npm start -- --whatsapp` installs it, and an image has it when it is built with `--build-arg LATCHKEY_WHATSAPP=on`',
    )
  const room: unknown = await import(BUILT.href)
  if (!isRoom(room)) throw new Error('packages/whatsapp is of another release: build it again')
  return room.openLibrary(settings)
}

/** Whether an uncaught failure comes from the client library: it ends a session at most, never the broker. */
export const isLibraryFailure = (problem: unknown): boolean =>
  problem instanceof Error && /packages[/\\]whatsapp[/\\]node_modules[/\\]/.test(problem.stack ?? '')
