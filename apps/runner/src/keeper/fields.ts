import { ByteReader, ByteWriter, MalformedBytes, textOf, utf8 } from '@latchkey/protocol/bytes'

/** Collects the fields of one message. Texts, bytes and lists carry their length, so that more fields can follow. */
export class FieldWriter {
  readonly #parts: Uint8Array[] = []
  #byteCount = 0

  get byteCount(): number {
    return this.#byteCount
  }

  u8(value: number): this {
    return this.#add(new ByteWriter(1).u8(value).bytes)
  }

  flag(on: boolean): this {
    return this.u8(on ? 1 : 0)
  }

  u16(value: number): this {
    return this.#add(new ByteWriter(2).u16(value).bytes)
  }

  u32(value: number): this {
    return this.#add(new ByteWriter(4).u32(value).bytes)
  }

  u53(value: number): this {
    return this.#add(new ByteWriter(8).u53(value).bytes)
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).#add(bytes)
  }

  text(text: string): this {
    return this.bytes(utf8(text))
  }

  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.u32(items.length)
    for (const item of items) write(item)
    return this
  }

  /** All fields, after `before`. */
  after(before: Uint8Array): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(before.length + this.#byteCount)
    whole.set(before)
    let at = before.length
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  #add(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    this.#byteCount += bytes.length
    return this
  }
}

/** Reads the fields of one message in their order. Throws `MalformedBytes` past the end. */
export class FieldReader extends ByteReader {
  flag(): boolean {
    return this.u8() !== 0
  }

  /** A view of the message, not a copy. */
  blob(): Uint8Array {
    return this.bytes(this.u32())
  }

  text(): string {
    const text = textOf(this.blob())
    if (text === null) throw new MalformedBytes('a text that is not UTF-8')
    return text
  }

  list<T>(countMax: number, read: () => T): T[] {
    const count = this.u32()
    if (count > countMax) throw new MalformedBytes(`${count} items, at most ${countMax} are taken`)
    const items: T[] = []
    for (let item = 0; item < count; item++) items.push(read())
    return items
  }

  /** A field that came with a later version: `absent` when the sender does not know it. */
  added<T>(read: () => T, absent: T): T {
    return this.left > 0 ? read() : absent
  }
}
