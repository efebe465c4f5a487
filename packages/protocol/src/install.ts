import { z } from 'zod'
import { count, digestHex } from './fields.ts'

/**
 * `GET /operator/install`: what a broker gives other machines to install. The operator alone is told the hash, so that a line with
 * it comes from a screen that the operator trusts.
 */
export const installReply = z.object({
  version: z.string(),
  /** SHA-256 of what `GET /install` answers; the script holds the hashes of all that it fetches */
  scriptHash: digestHex,
  scriptBytes: count,
  tarballBytes: count,
  installedBytes: count,
  /** a platform for which the broker has Node as well, like `linux-x64`; null when it gives none */
  nodePlatform: z.string().nullable(),
})
export type InstallReply = z.output<typeof installReply>

/** One piece of the line that installs: a page shows the hash and the join URL in colours of their own. */
export interface LinePart {
  readonly text: string
  readonly kind: 'plain' | 'hash' | 'address'
}

/**
 * A line for a POSIX shell that fetches the broker's script, stops unless its hash fits, and runs it. macOS has `shasum` in place
 * of `sha256sum`.
 * @param address the join URL, or the broker's own address to install without joining
 * @param variables for the script's environment, as `NAME=value`; empty: none
 */
export function installLine(
  brokerUrl: string,
  scriptHash: string,
  address: string,
  variables = '',
): readonly LinePart[] {
  const fetched = `f=$(mktemp) && curl -fsS ${quoted(`${brokerUrl.replace(/\/+$/, '')}/install`)} -o "$f" && `
  return [
    { text: `${fetched}{ sha256sum "$f" 2>/dev/null || shasum -a 256 "$f"; } | grep -q ^`, kind: 'plain' },
    { text: scriptHash, kind: 'hash' },
    { text: ` && ${variables === '' ? '' : `${variables} `}sh "$f" `, kind: 'plain' },
    { text: quoted(address), kind: 'address' },
    { text: " || echo 'Stopped.'", kind: 'plain' },
  ]
}

export const lineText = (parts: readonly LinePart[]): string => parts.map(({ text }) => text).join('')

/** For a POSIX shell: an address of characters that it does not read stays as it is. */
const quoted = (text: string): string =>
  /^[A-Za-z0-9:/._@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
