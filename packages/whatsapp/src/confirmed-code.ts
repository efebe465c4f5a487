import { type AccountCode, parseAccountCode } from '@latchkey/domain/accounts/code'
import type { CodeRefusal } from '@latchkey/domain/accounts/effects'
import type { BinaryNode } from 'baileys'
import type { Sock } from './hardening.ts'

export type CodeVerdict =
  | { readonly ok: true; readonly code: AccountCode }
  | { readonly ok: false; readonly why: CodeRefusal }

/**
 * Asks for a code and waits for WhatsApp's word: Baileys answers with a code of its own making before anybody has confirmed it.
 * Settles when WhatsApp answers or `ended` does, with null then; how long to wait is the caller's.
 */
export async function confirmedCode(
  sock: Sock,
  digits: string,
  ended: Promise<unknown>,
): Promise<CodeVerdict | null> {
  let accepted = (): void => {}
  let refused = (_node: BinaryNode): void => {}
  const verdict = new Promise<CodeRefusal | null>((resolve) => {
    accepted = () => resolve(null)
    refused = (node) => resolve(errorCodeOf(node) === '429' ? 'rate-limited' : 'refused')
  })
  sock.ws.on('CB:iq,type:result,link_code_companion_reg', accepted)
  sock.ws.on('CB:iq,type:error', refused)
  try {
    const gone = ended.then(() => 'gone' as const)
    const text = await Promise.race([sock.requestPairingCode(digits), gone])
    const why = await Promise.race([verdict, gone])
    if (why === 'gone') return null
    if (why !== null) return { ok: false, why }
    const code = parseAccountCode(text)
    return code === null ? { ok: false, why: 'malformed' } : { ok: true, code }
  } finally {
    sock.ws.off('CB:iq,type:result,link_code_companion_reg', accepted)
    sock.ws.off('CB:iq,type:error', refused)
  }
}

function errorCodeOf(node: BinaryNode): string | undefined {
  const children = Array.isArray(node.content) ? node.content : []
  return children.find((child) => child.tag === 'error')?.attrs['code']
}
