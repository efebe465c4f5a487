import { assertNever } from '@latchkey/domain/kernel'
import type { PairingView } from '@latchkey/protocol/device-pairing'

/** Why a PIN did not pair, while it may still be typed. */
export type PinRefusal = 'wrong' | 'full' | 'conflict' | 'no-answer'

/** Why there is no code to scan any more, or none to begin with. */
export type AddingEnd =
  | 'expired'
  | 'cancelled'
  | 'too-many-attempts'
  | 'too-many-pairings'
  | 'no-answer'
  | 'failed'

/** One device on its way in, as the operator's screen follows it. Moments are by this page's clock. */
export type AddingStage =
  | { readonly status: 'preparing' }
  | { readonly status: 'waiting'; readonly link: string; readonly endsAtMs: number }
  | {
      readonly status: 'scanned'
      readonly device: ScannedDevice
      readonly endsAtMs: number
      /** a PIN is being tried */
      readonly checking: boolean
      readonly refusal: PinRefusal | null
      /** why it is over unless the PIN that is being tried pairs after all */
      readonly over: AddingEnd | null
    }
  | {
      readonly status: 'paired'
      readonly device: ScannedDevice
      readonly name: string
      readonly atMs: number
    }
  | { readonly status: 'ended'; readonly why: AddingEnd }

export interface ScannedDevice {
  readonly name: string
  readonly address: string
  /** devices that came with the same pairing URL after it and were refused */
  readonly turnedAway: number
  /** when this page heard of it */
  readonly atMs: number
}

/** What can happen while a device is added. */
export type AddingEvent =
  | { readonly type: 'started'; readonly link: string; readonly endsAtMs: number }
  | { readonly type: 'refused'; readonly code: string | null }
  /** how the broker's picture shows this pairing */
  | { readonly type: 'seen'; readonly view: PairingView; readonly nowMs: number }
  | { readonly type: 'pin-given' }
  | { readonly type: 'pin-refused'; readonly code: string | null }
  | { readonly type: 'verified'; readonly name: string; readonly nowMs: number }
  | { readonly type: 'cancelled' }
  | { readonly type: 'time-over' }

export const addingBegins: AddingStage = { status: 'preparing' }

/** The stage after `event`. A late answer does not change the stage after its end. */
export function addingAfter(stage: AddingStage, event: AddingEvent): AddingStage {
  if (stage.status === 'paired' || stage.status === 'ended') return stage
  switch (event.type) {
    case 'started':
      return stage.status === 'preparing'
        ? { status: 'waiting', link: event.link, endsAtMs: event.endsAtMs }
        : stage
    case 'refused':
      return { status: 'ended', why: startEnd(event.code) }
    case 'seen':
      return afterSight(stage, event.view, event.nowMs)
    case 'pin-given':
      return stage.status === 'scanned' ? { ...stage, checking: true, refusal: null } : stage
    case 'pin-refused':
      return stage.status === 'scanned' ? afterPinRefusal(stage, event.code) : stage
    case 'verified':
      return stage.status === 'scanned'
        ? { status: 'paired', device: stage.device, name: event.name, atMs: event.nowMs }
        : stage
    case 'cancelled':
      return { status: 'ended', why: 'cancelled' }
    case 'time-over':
      // A PIN that is on its way may have been in time: its answer says.
      return ends(stage, 'expired')
    default:
      return assertNever(event)
  }
}

/** It is over, but for a PIN that is on its way: the answer to that says it better. */
const ends = (stage: AddingStage, why: AddingEnd): AddingStage =>
  stage.status === 'scanned' && stage.checking ? { ...stage, over: why } : { status: 'ended', why }

function afterSight(
  stage: Exclude<AddingStage, { readonly status: 'paired' | 'ended' }>,
  view: PairingView,
  nowMs: number,
): AddingStage {
  const device: ScannedDevice =
    stage.status === 'scanned'
      ? { ...stage.device, name: view.device?.name ?? stage.device.name, turnedAway: view.turnedAway ?? 0 }
      : {
          name: view.device?.name ?? '',
          address: view.device?.address ?? '',
          turnedAway: view.turnedAway ?? 0,
          atMs: nowMs,
        }
  switch (view.status) {
    case 'waiting':
      return stage
    case 'connected':
    case 'verified':
      if (stage.status === 'scanned') return { ...stage, device }
      return stage.status === 'waiting'
        ? { status: 'scanned', device, endsAtMs: stage.endsAtMs, checking: false, refusal: null, over: null }
        : stage
    case 'registered':
      return { status: 'paired', device, name: device.name, atMs: nowMs }
    case 'failed':
      return ends(stage, view.reason ?? 'failed')
    default:
      return assertNever(view.status)
  }
}

function afterPinRefusal(
  stage: Extract<AddingStage, { readonly status: 'scanned' }>,
  code: string | null,
): AddingStage {
  const { over } = stage
  const again = (refusal: PinRefusal): AddingStage =>
    over === null ? { ...stage, checking: false, refusal } : { status: 'ended', why: over }
  switch (code) {
    case null:
      return again('no-answer')
    case 'WRONG_PIN':
    case 'MALFORMED_PIN':
      return again('wrong')
    case 'DEVICE_LIMIT':
      return again('full')
    case 'IP_CONFLICT':
      return again('conflict')
    case 'TOKEN_EXPIRED':
    case 'TOKEN_UNKNOWN':
      return { status: 'ended', why: 'expired' }
    case 'PAIRING_CANCELLED':
      return { status: 'ended', why: 'cancelled' }
    case 'TOO_MANY_ATTEMPTS':
      return { status: 'ended', why: 'too-many-attempts' }
    default:
      return { status: 'ended', why: 'failed' }
  }
}

function startEnd(code: string | null): AddingEnd {
  if (code === null) return 'no-answer'
  return code === 'TOO_MANY_PAIRINGS' || code === 'RATE_LIMITED' ? 'too-many-pairings' : 'failed'
}
