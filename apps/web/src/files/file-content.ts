import { printableLines } from '@latchkey/protocol/printable'

/** A whole file as the page can show it. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'markdown'; readonly text: string }
  | { readonly kind: 'image'; readonly blob: Blob }
  | { readonly kind: 'binary' }

/** A phone draws no longer text well; a longer one is downloaded. */
export const TEXT_BYTES_MAX = 1024 * 1024
export const IMAGE_BYTES_MAX = 24 * 1024 * 1024
/** An SVG is shown as text: as a picture it could name other files. */
const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
}

const extensionOf = (path: string): string => /\.(\w{1,8})$/.exec(path)?.[1]?.toLowerCase() ?? ''

/** How many bytes of a file of that name are shown at most. */
export const shownBytesMax = (path: string): number =>
  IMAGES[extensionOf(path)] === undefined ? TEXT_BYTES_MAX : IMAGE_BYTES_MAX

/** What the bytes of a file of that name are: the name says image, the bytes say text. */
export function contentOf(path: string, parts: readonly Uint8Array<ArrayBuffer>[]): FileContent {
  const image = IMAGES[extensionOf(path)]
  if (image !== undefined) return { kind: 'image', blob: new Blob([...parts], { type: image }) }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode()
    if (text.includes('\0')) return { kind: 'binary' }
    return {
      kind: /^(md|markdown)$/.test(extensionOf(path)) ? 'markdown' : 'text',
      text: printableLines(text),
    }
  } catch {
    return { kind: 'binary' }
  }
}
