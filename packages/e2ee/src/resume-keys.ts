import { equalInConstantTime } from './secret-bytes.ts'

/**
 * The resume keys of one app, as the runner keeps them (PROTOCOL rp1 3.4, SECURITY C46). Each return is answered with a
 * fresh key. The key that the app came with still opens until the app has come with the fresh one, since only then is it
 * certain that the app has it. Every other key that was ever handed out is remembered: if one of those
 * is used, two hold the app's keys.
 */
export interface ResumeKeys {
  readonly confirmed: Uint8Array
  /** handed out, not yet seen in use; null when there is none */
  readonly offered: Uint8Array | null
  /** replaced keys, the newest first */
  readonly retired: readonly Uint8Array[]
}

/**
 * So many replaced keys are remembered, 32 bytes each. An older copy is refused as unknown: it does not come in, but it
 * raises no alarm either. An app that reconnects fifty times a day is covered for ten days.
 */
export const RETIRED_KEYS_MAX = 512

export type ResumeKeyState = 'confirmed' | 'offered' | 'retired'

export const firstResumeKeys = (key: Uint8Array): ResumeKeys => ({
  confirmed: key,
  offered: null,
  retired: [],
})

/**
 * The app came back with `used`, and `fresh` goes out with the grant. Null when `used` has been replaced meanwhile.
 * An unused offer is retired too: an app that missed it never had it, a twin that got it has it still.
 */
export function renewResumeKeys(keys: ResumeKeys, used: Uint8Array, fresh: Uint8Array): ResumeKeys | null {
  const { confirmed, offered, retired } = keys
  if (offered !== null && equalInConstantTime(used, offered))
    return { confirmed: offered, offered: fresh, retired: retire(confirmed, retired) }
  if (!equalInConstantTime(used, confirmed)) return null
  return { confirmed, offered: fresh, retired: offered === null ? retired : retire(offered, retired) }
}

/** All keys that a returning app might use, the likeliest first. */
export const resumeKeysToTry = (
  keys: ResumeKeys,
): readonly { readonly state: ResumeKeyState; readonly key: Uint8Array }[] => [
  ...(keys.offered === null ? [] : [{ state: 'offered' as const, key: keys.offered }]),
  { state: 'confirmed', key: keys.confirmed },
  ...keys.retired.map((key) => ({ state: 'retired' as const, key })),
]

const retire = (key: Uint8Array, retired: readonly Uint8Array[]): readonly Uint8Array[] =>
  [key, ...retired].slice(0, RETIRED_KEYS_MAX)
