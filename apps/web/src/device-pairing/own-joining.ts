import { Joining, type JoinState } from '@latchkey/connection/device-pairing/joining'
import { makeJoiningSecrets } from '@latchkey/connection/device-pairing/joining-secrets'
import { type Observable, subject } from '@latchkey/connection/observable'
import { invariant } from '@latchkey/domain/kernel'
import { onWake } from '../on-wake.ts'
import { browserPlatform } from '../platform.ts'
import { type KeyCare, ownDeviceKey } from './device-key.ts'
import { deviceName, keepDeviceName } from './device-name.ts'
import {
  forgetJoining,
  isMemberBy,
  type KeptJoining,
  keepJoining,
  keepJoinUrl,
  keepMembership,
  keptJoining,
  membership,
} from './membership.ts'
import { lookUpSelf, renameSelf } from './self.ts'

/** Where this browser stands on its way into the mesh. */
export type JoinStage =
  | Exclude<JoinState, { readonly status: 'joined' }>
  /** the broker was not asked yet: a person has to say that this device joins */
  | { readonly status: 'ready'; readonly name: string; readonly host: string }
  /** the page was opened without a pairing URL, and this browser is no device */
  | { readonly status: 'no-link' }
  /** it was a device, and is none any more */
  | { readonly status: 'signed-out' }
  | { readonly status: 'joined'; readonly name: string; readonly host: string; readonly care: KeyCare }

export interface OwnJoining {
  readonly stage: Observable<JoinStage>
  /** The person wants it: the pairing URL is spent on this device from here on. */
  join(): void
  rename(name: string): void
  /** after a refusal that may have passed */
  again(): void
  close(): void
}

/** Joins with the token of a pairing URL. Without one it continues an earlier page's attempt, or shows the present state. */
export function beginJoining(token: string | null): OwnJoining {
  const stage = subject<JoinStage>({ status: 'asking', unreachable: false })
  let joining: Joining | null = null
  let closed = false
  let stop = () => {}
  let join = () => {}
  const wanted = new Promise<void>((resolve) => {
    join = resolve
  })

  const begin = async () => {
    const { care, ...key } = await ownDeviceKey()
    const had = keptJoining()
    // An attempt of an earlier page goes on without another tap, and a reload spends no token.
    const begun = token === null || had?.token === token ? had : null
    if (begun === null && (token === null || isMemberBy(token))) {
      const kept = membership()
      const member = kept === null ? null : await lookUpSelf(kept)
      if (member !== null) return stage.set({ status: 'joined', ...member, care })
      return stage.set({ status: kept === null ? 'no-link' : 'signed-out' })
    }
    const name = await deviceName()
    if (begun === null) {
      // Scanners of messages open URLs and run their scripts: opening alone must not spend a pairing URL.
      stage.set({ status: 'ready', name, host: location.host })
      await wanted
    }
    if (closed) return
    const made = begun ?? newJoining(token)
    stage.set({ status: 'asking', unreachable: false })
    joining = new Joining({
      brokerUrl: location.origin,
      token: made.token,
      name: await deviceName(),
      key,
      secrets: made,
      platform: browserPlatform,
      fetch: (url, request) => fetch(url, request),
    })
    const { state } = joining
    const follow = () => stage.set(after(state.current, made, care))
    const stopFollowing = state.subscribe(follow)
    const stopWaking = onWake(() => joining?.wake())
    stop = () => {
      stopFollowing()
      stopWaking()
    }
    follow()
  }
  void begin()
  return {
    stage,
    join,
    rename: (name) => {
      keepDeviceName(name)
      const { current } = stage
      if (current.status === 'ready') return stage.set({ ...current, name })
      if (current.status !== 'joined') return joining?.rename(name)
      stage.set({ ...current, name })
      void renameSelf(name)
    },
    again: () => joining?.again(),
    close: () => {
      closed = true
      stop()
      joining?.close()
    },
  }
}

/** The secrets to join with, kept before the broker is asked. */
function newJoining(token: string | null): KeptJoining {
  invariant(token !== null, 'without a link there is nothing to begin')
  const made = { token, ...makeJoiningSecrets(browserPlatform.randomBytes) }
  keepJoining(made)
  return made
}

/** The stage of a state. Facts that outlive the page are kept. */
function after(state: JoinState, made: KeptJoining, care: KeyCare): JoinStage {
  switch (state.status) {
    case 'asking':
    case 'pin':
      return state
    case 'refused':
      forgetJoining(made.token)
      return state
    case 'joined': {
      const { nodeId, name, host } = state
      const { peerToken, sessionSecret } = made
      const stays = keepMembership({ nodeId, name, host, peerToken, sessionSecret })
      keepJoinUrl(made.token)
      forgetJoining(made.token)
      return { status: 'joined', name, host, care: stays ? care : 'lost' }
    }
  }
}
