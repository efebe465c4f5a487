import { STALL_MS_MAX } from '@latchkey/domain/terminal/credit'
import { UNDRAWN_BYTES_MAX } from '../screens/screens.ts'
import type { KeptOutput } from './kept-output.ts'
import type { Viewer } from './viewer.ts'

interface FlowParts {
  readonly pty: { pause(): void; resume(): void }
  /** bytes that the emulator has not drawn */
  readonly undrawn: () => number
  readonly ring: KeptOutput
}

/**
 * When a program has to wait. Three reasons: every viewer present is out of credit; its screen is too far behind; a viewer's
 * snapshot is being made and the output after it is about to leave the ring. Without viewers it never waits.
 */
export class Flow {
  readonly #parts: FlowParts
  readonly #viewers: ReadonlySet<Viewer>
  #screenBehind = false
  #stall: NodeJS.Timeout | null = null
  #released = false

  constructor(parts: FlowParts, viewers: ReadonlySet<Viewer>) {
    this.#parts = parts
    this.#viewers = viewers
  }

  /** To be called after anything that may change the answer. */
  update(): void {
    const stuck = this.#everybodyStuck()
    if (!stuck) this.#endStall()
    else this.#stall ??= setTimeout(() => this.#giveUpOnStuck(), STALL_MS_MAX)
    const undrawnBytes = this.#parts.undrawn()
    this.#screenBehind = undrawnBytes > (this.#screenBehind ? UNDRAWN_BYTES_MAX / 2 : UNDRAWN_BYTES_MAX)
    const wait = !this.#released && (stuck || this.#screenBehind || this.#snapshotWaits())
    if (wait) this.#parts.pty.pause()
    else this.#parts.pty.resume()
  }

  /** A viewer draws: the time until stuck viewers are given up begins anew. */
  progressed(): void {
    this.#endStall()
  }

  /** The program is to end, so it waits for no viewer. */
  release(): void {
    this.#released = true
    this.update()
  }

  stop(): void {
    this.#released = true
    this.#endStall()
  }

  #everybodyStuck(): boolean {
    let followers = 0
    for (const viewer of this.#viewers) {
      if (!viewer.follows) continue
      if (!viewer.isStuck) return false
      followers += 1
    }
    return followers > 0
  }

  #snapshotWaits(): boolean {
    const bytesMax = this.#parts.ring.bytesMax / 2
    for (const viewer of this.#viewers) if (viewer.awaitedBytes > bytesMax) return true
    return false
  }

  #giveUpOnStuck(): void {
    this.#stall = null
    // A quiet program whose viewer used its credit to the byte is not held up.
    if (this.#released) return
    for (const viewer of this.#viewers) viewer.lag()
    this.update()
  }

  #endStall(): void {
    if (this.#stall !== null) clearTimeout(this.#stall)
    this.#stall = null
  }
}
