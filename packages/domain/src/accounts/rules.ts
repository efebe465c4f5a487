const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** Every time of linking, in milliseconds. Tests hand in their own. */
export interface AccountRules {
  /** from the request to the first sign of WhatsApp */
  readonly startMs: number
  /** from asking WhatsApp for a code to its answer */
  readonly codeAnswerMs: number
  /** from the request to a code or a refusal, whatever lies between */
  readonly requestMs: number
  /** how long WhatsApp's first QR of a connection holds, and each further one */
  readonly firstQrMs: number
  readonly nextQrMs: number
  /** how long a QR holds on a connection that was opened for a code: long enough that its code does not die of them */
  readonly codeModeQrMs: number
  readonly codeLifeMs: number
  /** before that, a new code voids nothing that somebody may be typing */
  readonly newCodeAfterMs: number
  /** a phone that has typed the code answers within this time, or never */
  readonly typedMs: number
  /** from the phone's yes to the open connection */
  readonly finishMs: number
  /** an unwatched attempt ends this long after its code’s own life */
  readonly unwatchedExtraMs: number
  readonly firstBackOffMs: number
  readonly backOffMaxMs: number
  /** a connection open this long has nothing to do with the failures before it */
  readonly steadyMs: number
  /** a stopped account is tried again by itself after this long, or up to twice as long */
  readonly stoppedAgainMs: number
  /** how long an unlinking waits for a connection before it is done here alone */
  readonly unlinkMs: number
  /** connections lost in a row with "bad session" after which only linking anew helps */
  readonly badSessionsMax: number
  /** fresh codes that WhatsApp itself may ask for in one attempt */
  readonly renewalsMax: number
  /** connections lost in one attempt that are replaced without a word */
  readonly retriesMax: number
}

export const defaultAccountRules: AccountRules = {
  startMs: 10 * SECOND_MS,
  codeAnswerMs: 10 * SECOND_MS,
  requestMs: 14 * SECOND_MS,
  firstQrMs: 60 * SECOND_MS,
  nextQrMs: 20 * SECOND_MS,
  codeModeQrMs: 60 * SECOND_MS,
  codeLifeMs: 180 * SECOND_MS,
  newCodeAfterMs: 30 * SECOND_MS,
  typedMs: 60 * SECOND_MS,
  finishMs: 60 * SECOND_MS,
  unwatchedExtraMs: 60 * SECOND_MS,
  firstBackOffMs: SECOND_MS,
  backOffMaxMs: 60 * SECOND_MS,
  steadyMs: 60 * SECOND_MS,
  stoppedAgainMs: 6 * 60 * MINUTE_MS,
  unlinkMs: 24 * 60 * MINUTE_MS,
  badSessionsMax: 3,
  renewalsMax: 3,
  retriesMax: 1,
}
