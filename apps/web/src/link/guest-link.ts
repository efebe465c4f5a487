import { openAppLink } from '@latchkey/connection/app/app-link'
import type { AppLink } from '@latchkey/connection/app/link'
import { guestSealer } from '@latchkey/e2ee/guest-sealer'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { parseShareFragment, type ShareUrl } from '@latchkey/e2ee/share-url'
import { brokerOrigin } from '../broker-origin.ts'
import { onWake } from '../on-wake.ts'
import { browserPlatform, ownLabel } from '../platform.ts'
import { browserKeys } from '../seal/browser-sealer.ts'

/** Where this tab keeps its share link: a reload goes on, and closing the tab forgets it. */
const LINK = 'latchkey.share'
const CREDENTIAL = 'latchkey.share.credential'

/** The share link of this tab: the one in its address, or the one before a reload. Null when it is not whole. */
export function shareOfTab(fragment: string | null): ShareUrl | null {
  const before = inTab(LINK)
  const share = parseShareFragment(fragment ?? before ?? '')
  if (share === null || fragment === null || fragment === before) return share
  keepInTab(LINK, fragment)
  // The session at the broker was for another link.
  keepInTab(CREDENTIAL, null)
  return share
}

/** A link to the one terminal of a share link. It keeps no key of the machine. */
export async function openGuestLink(share: ShareUrl): Promise<AppLink> {
  const key = await browserKeys.of(share.runnerId)
  const sealer = guestSealer({
    primitives: noblePrimitives,
    entropy: browserPlatform.randomBytes,
    nowMs: browserPlatform.nowMs,
    ...{ key, share },
  })
  const link = openAppLink({
    brokerUrl: brokerOrigin(),
    credential: inTab(CREDENTIAL),
    label: ownLabel(navigator.userAgent),
    locale: navigator.language,
    platform: browserPlatform,
    seal: { sealer, runnerId: share.runnerId, allowUnsealed: false },
    onCredential: (credential) => keepInTab(CREDENTIAL, credential),
  })
  onWake(() => link.wake())
  return link
}

function inTab(key: string): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}

function keepInTab(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, value)
  } catch {
    // Without storage a reload asks for the link again.
  }
}
