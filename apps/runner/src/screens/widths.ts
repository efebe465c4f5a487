import { createRequire } from 'node:module'
import { useCurrentWidths, type WithWidths } from '@latchkey/connection/emulator/widths'
import type { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'

/**
 * The addon of grapheme clusters. Version 0.4.0 reads its table from the beginning of Node's shared pool of buffers instead
 * of its own place in it, and then takes every emoji for narrow: so it is loaded while there is no pool.
 */
function loadAddon(): typeof UnicodeGraphemesAddon {
  const { poolSize } = Buffer
  Buffer.poolSize = 0
  const loaded: unknown = createRequire(import.meta.url)('@xterm/addon-unicode-graphemes')
  Buffer.poolSize = poolSize
  if (!isAddon(loaded)) throw new Error('the addon of grapheme clusters is built differently: see widths.ts')
  return loaded.UnicodeGraphemesAddon
}

const isAddon = (
  loaded: unknown,
): loaded is { readonly UnicodeGraphemesAddon: typeof UnicodeGraphemesAddon } =>
  typeof loaded === 'object' && loaded !== null && 'UnicodeGraphemesAddon' in loaded

const Addon = loadAddon()

/** Characters take the same cells here as in every page. */
export const useWidths = (terminal: WithWidths): void => useCurrentWidths(terminal, new Addon())
