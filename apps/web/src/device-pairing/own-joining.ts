import { Joining, type JoinState } from '@latchkey/connection/device-pairing/joining'
import { makeNodeSecrets } from '@latchkey/connection/device-pairing/node-secrets'
import { type Observable, subject } from '@latchkey/connection/observable'
import { browserPlatform } from '../platform.ts'
import { deviceName, keepDeviceName } from './device-name.ts'
import {
  type Attempt,
  attempt,
  forgetAttempt,
  isMemberBy,
  keepAttempt,
  keepLink,
  keepMembership,
  membership,
} from './membership.ts'
import { type KeyCare, ownNodeKey } from './node-key.ts'
import { lookUpSelf, renameSelf } from './self.ts'

/** Where this browser stands on its way into the mesh. */
export type JoinStage =
  | Exclude<JoinState, { readonly status: 'joined' }>
  /** the page was opened without a link, and this browser is no node */
  | { readonly status: 'no-link' }
  /** it was a node, and is none any more */
  | { readonly status: 'signed-out' }
  | { readonly status: 'joined'; readonly name: string; readonly host: string; readonly care: KeyCare }

export interface OwnJoining {
  readonly stage: Observable<JoinStage>
  rename(name: string): void
  /** after a refusal that may have passed */
  again(): void
  close(): void
}

/** Joins with the token of a link; without one goes on with what a page before this one began, or shows what it is. */
export function beginJoining(token: string | null): OwnJoining {
  const stage = subject<JoinStage>({ status: 'asking', unreachable: false })
  let joining: Joining | null = null
  let closed = false
  let stop = () => {}

  const begin = async () => {
    const { care, ...key } = await ownNodeKey()
    const made = attemptWith(token)
    if (made === null) {
      const kept = membership()
      const member = kept === null ? null : await lookUpSelf(kept)
      if (member !== null) return stage.set({ status: 'joined', ...member, care })
      return stage.set({ status: kept === null ? 'no-link' : 'signed-out' })
    }
    const name = await deviceName()
    // A page that is fetched ahead, or opened behind another, takes nobody's place.
    await untilSeen()
    if (closed) return
    joining = new Joining({
      brokerUrl: location.origin,
      token: made.token,
      name,
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
    rename: (name) => {
      keepDeviceName(name)
      const { current } = stage
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

/** The same link again is the same attempt, with the same secrets: a reload burns nothing. */
function attemptWith(token: string | null): Attempt | null {
  const had = attempt()
  if (token !== null && isMemberBy(token)) return null
  if (token === null || had?.token === token) return had
  const made = { token, ...makeNodeSecrets(browserPlatform.randomBytes) }
  keepAttempt(made)
  return made
}

/** What the page shows of a state; what lasts is kept. */
function after(state: JoinState, made: Attempt, care: KeyCare): JoinStage {
  switch (state.status) {
    case 'asking':
    case 'pin':
      return state
    case 'refused':
      forgetAttempt(made.token)
      return state
    case 'joined': {
      const { nodeId, name, host } = state
      const { peerToken, sessionSecret } = made
      const stays = keepMembership({ nodeId, name, host, peerToken, sessionSecret })
      keepLink(made.token)
      forgetAttempt(made.token)
      return { status: 'joined', name, host, care: stays ? care : 'lost' }
    }
  }
}

function untilSeen(): Promise<void> {
  if (!document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true })
  })
}

function onWake(wake: () => void): () => void {
  const seen = () => {
    if (!document.hidden) wake()
  }
  document.addEventListener('visibilitychange', seen)
  addEventListener('online', wake)
  return () => {
    document.removeEventListener('visibilitychange', seen)
    removeEventListener('online', wake)
  }
}
