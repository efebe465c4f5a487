import type { TransferRefusal } from '@latchkey/connection/app/file-transfer'
import { printable } from '@latchkey/protocol/printable'
import type { Words } from '../words/en.ts'

const SENTENCE_CHARS_MAX = 600

/** Why a file does not go: in the person's language, and in English the machine's own sentence, which knows more. */
export function refusalSays(
  { code, message }: { readonly code: TransferRefusal; readonly message: string },
  text: Words,
): string {
  if (code === 'OWN_FILE') return text.files.ownFile
  return text.tag === 'en' ? printable(message, SENTENCE_CHARS_MAX) : text.files.code[code]
}
