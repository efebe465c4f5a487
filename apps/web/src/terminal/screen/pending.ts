/** How input that the machine has not acknowledged is shown to the person who typed it. */

/** The keys that are not text, longest first, as they stand on a keyboard. */
const SIGNS: ReadonlyArray<readonly [string, string]> = [
  ['\u001b[200~', ''],
  ['\u001b[201~', ''],
  ['\u001b[A', '↑'],
  ['\u001b[B', '↓'],
  ['\u001b[C', '→'],
  ['\u001b[D', '←'],
  ['\u001bOA', '↑'],
  ['\u001bOB', '↓'],
  ['\u001bOC', '→'],
  ['\u001bOD', '←'],
  ['\u001b[H', '⇱'],
  ['\u001b[F', '⇲'],
  ['\u001b[Z', '⇤'],
  ['\r', '⏎'],
  ['\n', '⏎'],
  ['\t', '⇥'],
  ['\u007f', '⌫'],
  ['\u001b', '⎋'],
]

const decoder = new TextDecoder('utf-8')

/** One entry a key: its text, or its sign. A half character at the end is left out until its rest is typed. */
export function keysOf(bytes: Uint8Array): readonly string[] {
  const text = decoder.decode(bytes)
  const keys: string[] = []
  let at = 0
  while (at < text.length) {
    const sign = SIGNS.find(([sequence]) => text.startsWith(sequence, at))
    if (sign !== undefined) {
      if (sign[1] !== '') keys.push(sign[1])
      at += sign[0].length
      continue
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0xfffd)
    at += character.length
    const code = character.charCodeAt(0)
    if (code < 0x20) keys.push(`^${String.fromCharCode(code + 0x40)}`)
    else if (character !== '\ufffd') keys.push(character)
  }
  return keys
}

/** The end of a line that asks for a secret, in the languages of the pages. */
const ASKS_SECRET = /(pass(word|phrase|code)?|pin|otp|secret|парол\S*|пин|密码|口令)[^:：]{0,60}[:：]\s*$/i

/**
 * Whether the line at the cursor asks for a secret by its words. The machine says when a line is read without echo; this is
 * for programs that read single keys and draw dots, and for older machines, which do not say.
 */
export const asksForSecret = (lineBeforeCursor: string): boolean => ASKS_SECRET.test(lineBeforeCursor)
