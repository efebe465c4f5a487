import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import {
  type AccountRefusalReply,
  type AccountState,
  accountCalls,
  accountFacts,
  accountRefusal,
  MARKETPLACE,
} from '@latchkey/protocol/accounts'
import { received } from '@latchkey/protocol/call'
import { io, type Socket } from 'socket.io-client'
import { brokerAddress } from '../broker-address.ts'
import { type Observable, subject } from '../observable.ts'

/** The last trouble, until something else happens. */
export interface AccountTrouble {
  readonly reason: AccountReason | 'NO_BROKER'
  /** milliseconds since the epoch by the broker's clock; null when waiting changes nothing */
  readonly retryAt: number | null
  /** names it in the broker's log; null when the broker does not know of it */
  readonly correlationId: string | null
  readonly method: 'qr' | 'code'
  /** the phone lists a device that a person has to remove there */
  readonly deviceLeft: boolean
}

/** All that a linking page shows. */
export interface MarketplaceView {
  readonly status: 'connecting' | 'online' | 'away' | 'refused'
  /** why the broker does not want this page, with `refused` */
  readonly refusedBy: string | null
  /** null until the broker has told it once */
  readonly state: AccountState | null
  /** the broker's clock less this one, milliseconds */
  readonly clockOffsetMs: number
  /** a QR or code that was asked for on any page of the company and has not come yet; null once that took too long */
  readonly waitingFor: 'qr' | 'code' | null
  /** unlinked here alone: the phone lists the device on until a person removes it */
  readonly deviceLeft: boolean
  readonly trouble: AccountTrouble | null
}

/** A page's connection to the namespace of linking. Comes back by itself; what it shows then is told anew. */
export interface MarketplaceConnection {
  readonly view: Observable<MarketplaceView>
  requestQr(consent: string | null): void
  requestCode(phoneNumber: string, consent: string | null): void
  cancel(): void
  /** Answers whether WhatsApp can only be told later; null when it was refused. */
  unlink(): Promise<boolean | null>
  /** Tries an account that is linked and not connected now. */
  retry(): void
  close(): void
}

export interface MarketplaceOptions {
  readonly brokerUrl: string
  readonly token: string
  /** milliseconds since the epoch */
  readonly nowMs: () => number
  /** Runs after that many milliseconds, unless what it answers is called before. */
  readonly after: (delayMs: number, run: () => void) => () => void
  /** how long asking may last, whatever becomes of the broker; 15 s unless given */
  readonly waitMs?: number
}

const WAIT_MS = 15_000
const ANSWER_MS = 10_000
const COME_BACK_MS_MAX = 8_000
const silence = (method: 'qr' | 'code'): AccountTrouble => ({
  reason: 'NO_BROKER',
  retryAt: null,
  correlationId: null,
  method,
  deviceLeft: false,
})
const ASKING: ReadonlySet<AccountState['state']> = new Set(['starting', 'code_wanted'])

/** Opens the connection; all that it tells comes by `view`. */
export function openMarketplace(options: MarketplaceOptions, connect = io): MarketplaceConnection {
  const { nowMs, after, waitMs = WAIT_MS } = options
  const view = subject<MarketplaceView>({
    status: 'connecting',
    refusedBy: null,
    state: null,
    clockOffsetMs: 0,
    waitingFor: null,
    deviceLeft: false,
    trouble: null,
  })
  const set = (change: Partial<MarketplaceView>): void => view.set({ ...view.current, ...change })
  const address = brokerAddress(options.brokerUrl)
  const socket: Socket = connect(`${address.origin}${MARKETPLACE}`, {
    path: address.socketPath,
    auth: { token: options.token },
    transports: ['websocket'],
    reconnectionDelayMax: COME_BACK_MS_MAX,
    forceNew: true,
  })
  let stopWaiting = (): void => {}
  let isClosed = false

  /** Whatever was asked for has come, failed, or been given up. */
  const settle = (): void => {
    stopWaiting()
    stopWaiting = () => {}
    if (view.current.waitingFor !== null) set({ waitingFor: null })
  }
  const fail = (trouble: AccountTrouble): void => {
    settle()
    set({ trouble })
  }
  const refused = (refusal: AccountRefusalReply, method: 'qr' | 'code'): void => {
    const { reason, correlationId, retryAt = null, deviceLeft = false } = refusal
    // The same refusal comes as an answer and as an event.
    if (view.current.trouble?.correlationId === correlationId) return
    fail({ reason, retryAt, correlationId, method, deviceLeft })
  }
  /** Waits with an end of its own: the broker may die without a word. */
  const wait = (method: 'qr' | 'code'): void => {
    settle()
    set({ waitingFor: method, trouble: null, deviceLeft: false })
    stopWaiting = after(waitMs, () => fail(silence(method)))
  }
  /** The broker is asking WhatsApp, for this page or for another: from its last word on it may die like any other. */
  const follow = (before: AccountState['state'] | null, { state, method }: AccountState): void => {
    if (ASKING.has(state)) {
      if (view.current.waitingFor === null && method !== null) wait(method)
    }
    // An attempt that is about to begin is idle still. One that had begun and is idle again was called off.
    else if (state !== 'idle' || (before !== null && ASKING.has(before))) settle()
  }
  const heardState = (told: unknown): void => {
    const state = received(accountFacts['link-state'], told)
    if (state === null) return
    const before = view.current.state?.state ?? null
    const company = state.company ?? view.current.state?.company ?? null
    set({ state: { ...state, company }, clockOffsetMs: state.serverTime - nowMs() })
    follow(before, state)
    if (state.qr !== null || state.state === 'connected' || state.state === 'finishing')
      set({ trouble: null })
  }
  const heardRefusal = (method: 'qr' | 'code') => (told: unknown) => {
    const refusal = received(accountRefusal, told)
    if (refusal !== null) refused(refusal, method)
  }

  socket.on('connect', () => set({ status: 'online', refusedBy: null }))
  socket.on('disconnect', (reason) => {
    set({ status: 'away' })
    // Socket.IO does not come back by itself after the broker ended the connection. The next answer may say that the URL is old.
    if (reason === 'io server disconnect') socket.connect()
  })
  socket.on('connect_error', (problem: Error & { readonly data?: unknown }) => {
    // Only the broker itself sets `data`: it will not change its mind.
    if (!('data' in problem)) return set({ status: view.current.state === null ? 'connecting' : 'away' })
    socket.disconnect()
    set({ status: 'refused', refusedBy: problem.message })
  })
  socket.on('link-state', heardState)
  socket.on('pairing-code-error', heardRefusal('code'))
  socket.on('error', heardRefusal('qr'))

  const ask = async (name: keyof typeof accountCalls, request: object): Promise<unknown> => {
    try {
      return await socket.timeout(ANSWER_MS).emitWithAck(name, request)
    } catch {
      return null
    }
  }
  const begin = (
    name: 'request-qr' | 'request-pairing-code',
    method: 'qr' | 'code',
    request: object,
  ): void => {
    if (view.current.waitingFor === method) return
    wait(method)
    void ask(name, request).then((answer) => {
      const refusal = received(accountRefusal, answer)
      if (refusal !== null) refused(refusal, method)
    })
  }
  /** Asks for something that is done at once. A refusal or silence becomes `trouble`. */
  const endIt = async (
    name: 'cancel-link' | 'unlink' | 'retry-link',
    method: 'qr' | 'code',
  ): Promise<unknown> => {
    const answer = await ask(name, {})
    const refusal = received(accountRefusal, answer)
    if (refusal !== null) refused(refusal, method)
    if (answer === null && !isClosed) fail(silence(method))
    return answer
  }
  const agreed = (consent: string | null): object => (consent === null ? {} : { consent })

  return {
    view,
    requestQr: (consent) => begin('request-qr', 'qr', agreed(consent)),
    requestCode: (phoneNumber, consent) =>
      begin('request-pairing-code', 'code', { phoneNumber, ...agreed(consent) }),
    cancel: () => {
      settle()
      set({ trouble: null })
      void endIt('cancel-link', view.current.state?.method ?? 'qr')
    },
    unlink: async () => {
      const answer = await endIt('unlink', 'qr')
      const done = received(accountCalls.unlink.reply, answer)
      if (done !== null) set({ deviceLeft: done.deviceLeft ?? false })
      return done?.pending ?? null
    },
    retry: () => {
      set({ trouble: null })
      void endIt('retry-link', 'qr')
    },
    close: () => {
      isClosed = true
      settle()
      socket.off()
      socket.disconnect()
    },
  }
}
