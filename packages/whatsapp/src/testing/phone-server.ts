import type { proto } from 'baileys'
import type { Device, FakeClient } from './fake-client.ts'

/** `drop`: the connection ends instead of an answer */
export type CodeAnswer = 'accept' | 'silent' | 'drop' | { readonly error: number; readonly text: string }

/** How this WhatsApp behaves; a test may change it while it runs. */
export interface FakeBehaviour {
  /** how many QR references one connection gets (WhatsApp sends 6) */
  refs: number
  /** the answer to each request for a code */
  onCodeRequest: (phoneNumber: string) => CodeAnswer
  /** refuses a login or registration with this number; a ban says how long it lasts, seconds */
  refuse: (
    payload: proto.IClientPayload,
  ) => number | { readonly reason: number; readonly expire: number } | null
  /** how this WhatsApp spells the account of a number that a code is asked for, digits alone */
  accountOf: (phoneNumber: string) => string
  /** how long an accepted code can be typed on the phone */
  codeLifeMs: number
  /** the first QR comes only after this long */
  firstQrAfterMs: number
  /** the first scan of a connection is answered with companion_reg_refresh (since July 2026) */
  refreshOnFirstScan: boolean
  /** another refresh between companion_finish and pair-success */
  refreshBeforePairSuccess: boolean
  /** what the phone waits for after a code was typed rightly, before it says yes */
  beforePairSuccess: () => Promise<void>
  /** accepts connections and never answers the handshake */
  isMute: boolean
  /** sends references without content: nothing a client's own listener can read */
  sendsBrokenRefs: boolean
}

/** An accepted request for a code. */
export interface PendingCode {
  readonly ref: string
  /** as the account has it */
  readonly phoneNumber: string
  readonly client: FakeClient
  readonly wrappedCompanionEphemeral: Buffer
  readonly expiresAtMs: number
}

/** What a phone uses of the WhatsApp that it is signed in to. */
export interface PhoneServer {
  readonly devices: Map<string, Device>
  readonly codes: PendingCode[]
  readonly behaviour: FakeBehaviour
  live(): readonly FakeClient[]
}
