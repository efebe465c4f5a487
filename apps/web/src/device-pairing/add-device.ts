import { type Observable, subject } from '@latchkey/connection/observable'
import { cancelReply, type PairingView, startReply, verifyReply } from '@latchkey/protocol/device-pairing'
import { asked } from '../operator/asked.ts'
import { type AddingEvent, type AddingStage, addingAfter, addingBegins } from './adding.ts'
import { type DeviceMay, mayFields } from './device-may.ts'

/** One code on the screen, from its making to its end. */
export interface AddingDevice {
  readonly stage: Observable<AddingStage>
  /** The broker's list of all pairings; this one is found in it by its id. */
  sees(pairings: readonly PairingView[]): void
  /** `may`: what the device may do once it is in */
  givePin(pin: string, may?: DeviceMay): void
  /** The device is told, nothing is changed. */
  cancel(): void
  /** Ends the code as well: a code that is not on a screen must not let a device in. */
  close(): void
}

/** Ends a code of another page, by the id in the broker's list. */
export const endCode = (id: string): Promise<unknown> => asked(cancelReply, 'POST', '/pairing/cancel', { id })

export function addDevice(): AddingDevice {
  const stage = subject<AddingStage>(addingBegins)
  let made: { readonly token: string; readonly id: string } | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let closed = false
  const happens = (event: AddingEvent) => stage.set(addingAfter(stage.current, event))
  const withdraw = () => {
    if (made !== null) void asked(cancelReply, 'POST', '/pairing/cancel', { token: made.token })
  }

  const start = async () => {
    const answer = await asked(startReply, 'POST', '/pairing/start', {})
    if (!answer.ok) return happens({ type: 'refused', code: answer.code })
    const { token, id, qr_url: link, expiresAt, serverTime } = answer.value
    made = { token, id }
    if (closed) return withdraw()
    const leftMs = expiresAt - serverTime
    timer = setTimeout(() => happens({ type: 'time-over' }), leftMs)
    happens({ type: 'started', link, endsAtMs: Date.now() + leftMs })
  }
  void start()
  return {
    stage,
    sees: (pairings) => {
      const view = pairings.find(({ id }) => id === made?.id)
      if (view !== undefined) happens({ type: 'seen', view, nowMs: Date.now() })
    },
    givePin: (pin, may) => {
      if (made === null) return
      happens({ type: 'pin-given' })
      void asked(verifyReply, 'POST', '/pairing/verify', {
        token: made.token,
        pin,
        ...(may === undefined ? {} : mayFields(may)),
      }).then((answer) =>
        happens(
          answer.ok
            ? { type: 'verified', name: answer.value.node.name, nowMs: Date.now() }
            : { type: 'pin-refused', code: answer.code },
        ),
      )
    },
    cancel: () => {
      withdraw()
      happens({ type: 'cancelled' })
    },
    close: () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      const { status } = stage.current
      if (status === 'waiting' || status === 'scanned') withdraw()
    },
  }
}
