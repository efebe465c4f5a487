import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from './dependencies.mjs'
import { fail, ROOT, runTool, say, secondsSince } from './steps.mjs'

const FOLDER = 'packages/whatsapp'

/** Whether this start is one with WhatsApp linking, as far as flags and environment say. */
export const wantsWhatsApp = (args) =>
  args.some((arg) => /^--whatsapp(=(on|true|yes|1))?$/.test(arg)) ||
  /^(on|true|yes|1)$/.test(process.env.LATCHKEY_WHATSAPP ?? '')

/**
 * Installs the packages of packages/whatsapp, unless the last installation had the same. It is no workspace: its libsignal is
 * GPL-3.0, and only users of WhatsApp linking shall get it.
 */
export async function installWhatsApp() {
  const marker = join(ROOT, FOLDER, 'node_modules', '.lock-hash')
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, FOLDER, 'package-lock.json')))
    .digest('hex')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  const startMs = Date.now()
  say('Installing WhatsApp linking (30 MB; its libsignal is GPL-3.0, see docs/whatsapp.md)…')
  if ((await runNpm(['ci', '--prefix', FOLDER])) !== 0)
    fail('WhatsApp linking could not be installed; npm said why above.')
  writeFileSync(marker, wanted)
  say(`WhatsApp linking is there (${secondsSince(startMs)}).`)
}

/** Installs and compiles it, for a broker with linking. */
export async function buildWhatsApp() {
  await installWhatsApp()
  if ((await runTool('tsc', ['-b', FOLDER])) !== 0)
    fail('WhatsApp linking does not compile; the compiler said why above.')
  return 0
}
