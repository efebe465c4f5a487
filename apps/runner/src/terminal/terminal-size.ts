import * as lease from '@latchkey/domain/terminal/size-lease'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { KeptTerminalInfo, Resized } from '../keeper/keeper-messages.ts'

/** A terminal's size at the place of the output that its runner has reached, and the size that was asked for last. */
export class TerminalSize {
  #now: lease.SizeLease
  #wanted: lease.SizeLease
  /** the change of size that `#now` comes from */
  #last: KeptTerminalInfo['resized']

  constructor(info: Pick<KeptTerminalInfo, 'cols' | 'rows' | 'resized'>) {
    this.#now = lease.unowned(info)
    this.#wanted = this.#now
    this.#last = info.resized
  }

  /** The owner as decided here, the size as it is at this place of the output. */
  get now(): lease.SizeLease {
    return this.#now
  }

  get wanted(): lease.SizeLease {
    return this.#wanted
  }

  /** The offset of the output from which on it has this size. */
  get since(): number {
    return this.#last.offset
  }

  is(size: Size): boolean {
    return lease.sameSize(size, this.#now)
  }

  /** `resize`: the program is to have another size; `owner`: only the owner is another one. */
  want(next: lease.SizeLease): 'resize' | 'owner' | 'same' {
    if (next === this.#wanted) return 'same'
    const isResize = !lease.sameSize(next, this.#wanted)
    this.#wanted = next
    this.#now = { ...this.#now, owner: next.owner }
    return isResize ? 'resize' : 'owner'
  }

  /** False for a change that is told again, with older output: the size stays the later one. */
  resized({ seq, offset, cols, rows }: Resized): boolean {
    if (seq <= this.#last.seq) return false
    this.#last = { seq, offset }
    this.#now = { owner: this.#now.owner, cols, rows }
    return true
  }
}
