import { protocolDocument } from './protocol-doc.ts'

/** Every document that is made from the source: its path, and what it has to hold. */
export const generatedDocuments = (): ReadonlyArray<readonly [string, string]> => [
  ['docs/protocol.md', protocolDocument()],
]
