import { parseSettings } from './parse-settings.ts'
import type { Settings } from './settings.ts'

/** The settings for who is no broker: from the environment alone, by the same names. Throws with every problem at once. */
export function environmentSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const decision = parseSettings({ flags: {}, env })
  if (!decision.ok) throw new Error(`The pairing module cannot start:\n${decision.refusal.join('\n')}`)
  return decision.value
}
