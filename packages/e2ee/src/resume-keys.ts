/**
 * The resume keys of one app, as the runner keeps them (PROTOCOL rp1 3.4, SECURITY C46). A fresh key is offered with a
 * grant; the old one still opens until a frame arrives on a channel made with the new one, since only then is it certain
 * that the app has it. A key that was replaced is remembered: whoever still comes with it shares the app's keys.
 */
export interface ResumeKeys {
  readonly confirmed: Uint8Array
  /** handed out, not yet seen in use; null when there is none */
  readonly offered: Uint8Array | null
  /** replaced keys, the newest first */
  readonly retired: readonly Uint8Array[]
}

/** A clone lags behind by what the app did since: four rotations are four days at one a day. */
const RETIRED_MAX = 4

export type ResumeKeyState = 'confirmed' | 'offered' | 'retired'

export const firstResumeKeys = (key: Uint8Array): ResumeKeys => ({
  confirmed: key,
  offered: null,
  retired: [],
})

/** `fresh` went out with a grant. An earlier offer that nobody used is replaced, and remembered as such. */
export const offerResumeKey = (keys: ResumeKeys, fresh: Uint8Array): ResumeKeys => ({
  confirmed: keys.confirmed,
  offered: fresh,
  retired: keys.offered === null ? keys.retired : retire(keys.offered, keys.retired),
})

/** A frame arrived on a channel made with the offered key: from now on the one before it opens nothing. */
export const confirmResumeKey = (keys: ResumeKeys): ResumeKeys =>
  keys.offered === null
    ? keys
    : { confirmed: keys.offered, offered: null, retired: retire(keys.confirmed, keys.retired) }

/** All keys that a returning app might use, the likeliest first. */
export const resumeKeysToTry = (
  keys: ResumeKeys,
): readonly { readonly state: ResumeKeyState; readonly key: Uint8Array }[] => [
  ...(keys.offered === null ? [] : [{ state: 'offered' as const, key: keys.offered }]),
  { state: 'confirmed', key: keys.confirmed },
  ...keys.retired.map((key) => ({ state: 'retired' as const, key })),
]

const retire = (key: Uint8Array, retired: readonly Uint8Array[]): readonly Uint8Array[] =>
  [key, ...retired].slice(0, RETIRED_MAX)
