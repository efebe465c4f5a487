import type { Account } from '@latchkey/domain/accounts/account'

/** A part of a QR shorter than this is no key: the platform, a version. */
const KEY_CHARS_MIN = 16

/** What may be in no log line and no capture: collected while a scenario runs, looked for when it is over. */
export class Secrets {
  readonly #known = new Set<string>()

  add(...secrets: readonly string[]): void {
    for (const secret of secrets) if (secret !== '') this.#known.add(secret)
  }
  /** with its plus and without */
  addPhone(phone: string): void {
    this.add(phone.replace(/^\+/, ''))
  }
  /** as it is shown and as it is typed */
  addCode(code: string): void {
    const typed = code.replace('-', '')
    this.add(typed, `${typed.slice(0, 4)}-${typed.slice(4)}`)
  }
  /** whole, and each key in it */
  addQr(text: string): void {
    this.add(text, ...text.split(/[#,]/).filter((part) => part.length >= KEY_CHARS_MIN))
  }
  addLink(link: Account): void {
    if ('qr' in link) this.addQr(link.qr.text)
    if (link.status === 'code_shown') this.addCode(link.code)
    if ('phone' in link) this.addPhone(link.phone)
  }

  /** Rejects lines that hold one; how many secrets there were otherwise. */
  expectNoneIn(lines: readonly string[]): number {
    for (const secret of this.#known)
      for (const line of lines)
        if (line.includes(secret)) throw new Error(`${JSON.stringify(secret)} was written down: ${line}`)
    return this.#known.size
  }
}
