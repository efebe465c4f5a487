import { appFiles } from '@latchkey/connection/app/app-files'
import { openAppLink } from '@latchkey/connection/app/app-link'
import { fleetFeature } from '@latchkey/connection/app/fleet-feature'
import type { AppLink } from '@latchkey/connection/app/link'
import { pushFeature } from '@latchkey/connection/app/push-feature'
import { questionFeature } from '@latchkey/connection/app/question-feature'
import { shareFeature } from '@latchkey/connection/app/share-feature'
import { statusFeature } from '@latchkey/connection/app/status-feature'
import type { TypedPinStore } from '@latchkey/connection/app/typed-pins'
import { newDigest } from '@latchkey/protocol/digest'
import { brokerOrigin } from '../broker-origin.ts'
import { askAboutCopies } from '../clipboard-leave.ts'
import { membership } from '../device-pairing/membership.ts'
import { keepFilesOf } from '../files/outbox.ts'
import { keep, kept } from '../kept.ts'
import { onWake } from '../on-wake.ts'
import { browserPlatform, ownLabel } from '../platform.ts'
import { forget, type KnownRunner, knownRunner, update } from '../runner-book.ts'
import { browserSealer, forgetSealed } from '../seal/browser-sealer.ts'
import { type LinkFeatures, openLinks } from './open-links.ts'

/** One link a machine, opened when a page wants it, kept for the next page. */

/** Every open link holds two connections at the broker; the list of machines opens one for each it shows. */
const LINKS_MAX = 12

/** Every machine of ours seals: one that cannot may be the broker in its place, and a page must not be talked down. */
const ALLOW_UNSEALED = false

/** PINs that were typed in this browser, kept over reloads: a PIN that is asked for again still counts as one guess. */
const typedPins: TypedPinStore = {
  read: () => kept('typed-pins') ?? '',
  write: (text) => void keep('typed-pins', text),
}

const open = new Map<string, AppLink>()
const features = new WeakMap<AppLink, LinkFeatures>()

// Without this a page that was hidden, frozen or offline would wait for the next retry, up to half a minute.
onWake(() => {
  for (const link of open.values()) link.wake()
})

/** A link with no machine yet, or with the credential of one. */
export function beginLink(
  runnerId: string | null,
  credential: string | null,
  onCredential: (credential: string) => void,
): AppLink {
  const status = statusFeature()
  const questions = questionFeature(browserPlatform)
  const push = pushFeature()
  const shares = shareFeature()
  const fleet = fleetFeature()
  const files = appFiles({ newDigest, nowMs: () => performance.now() })
  const link = openAppLink({
    brokerUrl: brokerOrigin(),
    credential,
    // A browser that has joined is known to the broker, also where codes are held back from strangers.
    peerToken: () => membership()?.peerToken ?? null,
    label: ownLabel(navigator.userAgent),
    locale: navigator.language,
    platform: browserPlatform,
    seal: { sealer: browserSealer, runnerId, allowUnsealed: ALLOW_UNSEALED, typedPins },
    features: [status, questions, push, files.feature, shares, fleet],
    onCredential,
  })
  features.set(link, { status, questions, push, shares, fleet })
  keepFilesOf(link, files)
  return link
}

/** The link to a known machine; null when there are too many already. */
export function linkTo(runner: KnownRunner): AppLink | null {
  const known = open.get(runner.runnerId)
  if (known !== undefined) return known
  if (open.size >= LINKS_MAX) return null
  return adopt(
    runner.runnerId,
    beginLink(runner.runnerId, runner.credential, (credential) => update(runner.runnerId, { credential })),
  )
}

/** A link that has just paired becomes the machine's; an older one of the same machine gives up its session. */
export function adopt(runnerId: string, link: AppLink): AppLink {
  const before = open.get(runnerId)
  if (before !== undefined && before !== link) void before.unpair().finally(() => before.close())
  open.set(runnerId, link)
  told()
  // The machine may have been renamed since.
  link.pairing.subscribe((pairing) => {
    const known = knownRunner(runnerId)
    if (pairing?.runnerId === runnerId && known !== undefined && pairing.runnerLabel !== '')
      if (known.label !== pairing.runnerLabel) update(runnerId, { label: pairing.runnerLabel })
  })
  return link
}

/** Tells the pages which links are open. */
function told(): void {
  openLinks.set(
    new Map(
      [...open].flatMap(([runnerId, link]) => {
        const has = features.get(link)
        return has === undefined ? [] : [[runnerId, { link, ...has }] as const]
      }),
    ),
  )
}

/** Gives up the access to a machine, here and at the broker. Terminals there live on. */
export async function giveUp(runner: KnownRunner): Promise<void> {
  const link = linkTo(runner)
  forget(runner.runnerId)
  askAboutCopies(runner.runnerId)
  open.delete(runner.runnerId)
  told()
  await forgetSealed(runner.runnerId)
  if (link === null) return
  await link.unpair()
  link.close()
}
