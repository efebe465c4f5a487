/** Whether this browser can be called at all, or the first hindrance. */
export type Ability =
  | 'able'
  /** browsers offer push on HTTPS and localhost only */
  | 'insecure'
  /** iOS calls only pages on the home screen (16.4 and later) */
  | 'home-screen'
  | 'unsupported'
  /** the person refused, or the system does */
  | 'denied'

/** What `abilityOf` looks at. */
export interface Browser {
  readonly isSecure: boolean
  readonly hasWorker: boolean
  readonly hasPush: boolean
  readonly permission: NotificationPermission | null
  readonly agent: string
  readonly touchPoints: number
}

/** The hindrance to mend first, if there is one. */
export function abilityOf(browser: Browser): Ability {
  if (!browser.isSecure) return 'insecure'
  const canPush = browser.hasWorker && browser.hasPush && browser.permission !== null
  if (!canPush) return isIos(browser) ? 'home-screen' : 'unsupported'
  return browser.permission === 'denied' ? 'denied' : 'able'
}

/** An iPad calls itself a Mac; no Mac has a touch screen. */
const isIos = ({ agent, touchPoints }: Browser): boolean =>
  /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)

export const ownAbility = (): Ability =>
  abilityOf({
    isSecure: isSecureContext,
    hasWorker: 'serviceWorker' in navigator,
    hasPush: 'PushManager' in window,
    permission: 'Notification' in window ? Notification.permission : null,
    agent: navigator.userAgent,
    touchPoints: navigator.maxTouchPoints,
  })
