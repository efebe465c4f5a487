/** NAME_MAX of every common file system, in bytes of UTF-8. */
export const NAME_BYTES_MAX = 255
/** A longer "extension" is a part of the name. */
const EXTENSION_BYTES_MAX = 16
/** Names that are tried for one file: `a.png`, `a-2.png` and so on. */
export const NAMES_TRIED_MAX = 1_000
const NAMELESS = 'file'

/** Control, formatting and private characters, halves of characters, separators of lines. */
const UNWANTED = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * The name under which a file of that name from another end is kept: one path segment in NFC without characters that could
 * hide or act, not hidden, no option of a command, at most 255 bytes with its extension. `file` when nothing is left.
 */
export function cleanName(name: string): string {
  const segment = name.normalize('NFC').replace(UNWANTED, '').split(/[/\\]/).at(-1) ?? ''
  const bare = segment.replace(/^[\s.~-]+/u, '').replace(/[\s.]+$/u, '')
  return within(bare === '' ? NAMELESS : bare, '')
}

/** The name that is tried at this attempt, counted from 1: the first one has no number. */
export const numberedName = (clean: string, attempt: number): string =>
  attempt <= 1 ? clean : within(clean, `-${attempt}`)

/** `name` with `mark` before its extension, shortened before the mark. */
function within(name: string, mark: string): string {
  const dot = name.lastIndexOf('.')
  const hasExtension = dot > 0 && utf8Bytes(name.slice(dot)) <= EXTENSION_BYTES_MAX
  const extension = hasExtension ? name.slice(dot) : ''
  const stem = hasExtension ? name.slice(0, dot) : name
  return `${shortened(stem, NAME_BYTES_MAX - utf8Bytes(mark) - utf8Bytes(extension))}${mark}${extension}`
}

function shortened(text: string, bytesMax: number): string {
  let bytes = 0
  let kept = ''
  for (const character of text) {
    bytes += utf8Bytes(character)
    if (bytes > bytesMax) break
    kept += character
  }
  return kept
}

/** Bytes of `text` in UTF-8; it has no halves of characters. */
function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}
