import { type DeviceRules, defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { defaultLimits } from '@latchkey/domain/limits/budget'
import type { CodeAlphabet } from '@latchkey/domain/runner-pairing/code'
import { defaultPairingRules, type PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { Settings } from './settings.ts'

const SECOND_MS = 1_000
const DAY_MS = 86_400 * SECOND_MS

/** What the operator set, as the domain reads it. */
export function pairingRules(settings: Settings): PairingRules {
  const { session, address, prefix, broker, newcomers, code } = defaultLimits
  return {
    ...defaultPairingRules,
    codeLifeMs: settings.codeLifeSeconds * SECOND_MS,
    graceMs: settings.graceSeconds * SECOND_MS,
    refusesAlike: settings.strictCodes,
    limits: {
      ...defaultLimits,
      session: {
        ...session,
        bansAtFailure: settings.sessionFailures + 1,
        banMs: settings.sessionBanSeconds * SECOND_MS,
      },
      address: { ...address, bansAtFailure: settings.addressFailures },
      prefix: { ...prefix, bansAtFailure: settings.prefixFailures },
      broker: { ...broker, bansAtFailure: settings.breakerFailures },
      newcomers: { ...newcomers, bansAtFailure: settings.newApps },
      alarmAtFailure: settings.alarmFailures,
      code: { ...code, unfinishedMax: settings.codeFinds },
    },
  }
}

/** What the operator set about devices, as the domain reads it. */
export const deviceRules = ({ deviceLimit, addressConflict, deviceUnusedDays }: Settings): DeviceRules => ({
  ...defaultDeviceRules,
  deviceLimit,
  refuseSharedAddress: addressConflict,
  unusedLifeMs: deviceUnusedDays === undefined ? null : deviceUnusedDays * DAY_MS,
})

export function codeAlphabet({ alphabet }: Settings): CodeAlphabet {
  return alphabet === 'base36' ? 'founding' : 'crockford'
}
