import { BoundedMap } from '@latchkey/domain/bounded'
import { FieldReader, FieldWriter } from '../keeper/fields.ts'

/** Far more than a machine knows at a time (256); who came before so many others is no newcomer. */
const NEWCOMERS_MAX = 1_024

/** Where a terminal's output and screen stood when an app came to know its machine, which was after the terminal began. */
export class Newcomers {
  readonly #by = new BoundedMap<string, { readonly start: number; readonly mark: number }>(NEWCOMERS_MAX)
  #marks = 0
  /** nothing of the terminal is kept on disk */
  isPrivate = false

  /** @param note what `note` answered in an earlier runner; empty for none */
  constructor(note: Uint8Array = new Uint8Array(0)) {
    if (note.length === 0) return
    const fields = new FieldReader(note)
    this.#marks = fields.u32()
    for (const [app, start, mark] of fields.list(NEWCOMERS_MAX, () => readNewcomer(fields)))
      this.#by.set(app, { start, mark })
    this.isPrivate = fields.added(() => fields.flag(), false)
  }

  /** All of it, for the next runner. */
  get note(): Uint8Array {
    const fields = new FieldWriter().u32(this.#marks)
    fields.list([...this.#by], ([app, { start, mark }]) => fields.text(app).u53(start).u32(mark))
    return fields.flag(this.isPrivate).after(new Uint8Array(0))
  }

  /** The marks that belong at or after `offset`, in order. */
  marksFrom(offset: number): readonly { readonly start: number; readonly mark: number }[] {
    return [...this.#by.values()].filter(({ start }) => start >= offset).sort((a, b) => a.start - b.start)
  }

  /** Answers with the number under which to mark the screen; null when this app is known as one. */
  add(app: string, offset: number): number | null {
    if (this.#by.has(app)) return null
    const mark = this.#marks++
    this.#by.set(app, { start: offset, mark })
    return mark
  }

  /** The offset from which on output may be told by offset. */
  startOf(app: string): number {
    return this.#by.get(app)?.start ?? 0
  }

  /** The mark above which no line is told; null when all are. */
  markOf(app: string): number | null {
    return this.#by.get(app)?.mark ?? null
  }
}

const readNewcomer = (fields: FieldReader) => [fields.text(), fields.u53(), fields.u32()] as const
