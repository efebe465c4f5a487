import { type DeviceRules, defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'

/** A killed process leaves its pairings open, and no operator revokes them: neither may stop the next one. */
export const killRules: DeviceRules = {
  ...defaultDeviceRules,
  deviceLimit: 1_000_000,
  openPairingsMax: 1_000_000,
}
