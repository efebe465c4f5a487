import type { UpState } from './facts.ts'
import type { Machine } from './machine.ts'
import type { Paint } from './paint.ts'

/** What a screen is drawn from. */
export interface View {
  readonly state: UpState
  readonly machine: Machine
  readonly nowMs: number
  /** since when the runner has not reached the broker; null while it does */
  readonly offlineSinceMs: number | null
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
  /** whether a QR may be shown; it still has to fit */
  readonly qr: boolean
  /** which keys work; empty when none are read */
  readonly keys: string
}
