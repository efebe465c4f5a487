import { type DeviceRules, defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'

/** What is killed leaves its pairings open, and nobody revokes: neither is to stop the next one. */
export const killRules: DeviceRules = {
  ...defaultDeviceRules,
  deviceLimit: 1_000_000,
  openPairingsMax: 1_000_000,
}
