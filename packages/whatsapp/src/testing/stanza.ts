import type { BinaryNode } from 'baileys'

/** Where the server's own stanzas come from. */
export const SERVER = '@s.whatsapp.net'

export const child = (node: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  Array.isArray(node?.content) ? node.content.find((each) => each.tag === tag) : undefined

/** The bytes that a stanza carries. Throws when it carries none. */
export function bytesOf(node: BinaryNode | undefined): Buffer {
  const content = node?.content
  if (content instanceof Uint8Array) return Buffer.from(content)
  if (typeof content === 'string') return Buffer.from(content)
  throw new Error(`no bytes in <${node?.tag ?? 'nothing'}>`)
}

export const nowSeconds = (): string => String(Math.floor(Date.now() / 1_000))
