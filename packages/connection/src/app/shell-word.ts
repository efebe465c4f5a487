/** A path that means itself in every shell, and that a program at the other end of a paste recognizes. */
const PLAIN = /^[\w./~+:@%,=-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be typed
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** `path` as one word for a POSIX shell; null when it has characters that a terminal would obey. */
export function shellWord(path: string): string | null {
  if (path === '' || path.startsWith('-') || CONTROL.test(path)) return null
  return PLAIN.test(path) && !path.startsWith('~') ? path : `'${path.replaceAll("'", "'\\''")}'`
}
