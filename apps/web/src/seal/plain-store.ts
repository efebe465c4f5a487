import type { SealedRunner } from '@latchkey/connection/app/sealer'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { entriesIn, entriesOf, keep, kept } from '../kept.ts'

/** The memory of a sealed app in the page's ordinary storage, for browsers that give pages no better place. */

const nameOf = (runnerId: string) => `sealed.${runnerId}`

export function readPlain(runnerId: string): SealedRunner | null {
  return runnerOf(runnerId, kept(nameOf(runnerId)))
}

export function keepPlain(runner: SealedRunner): void {
  const { reach, appId, resumeKey, ...rest } = runner
  const text = JSON.stringify({
    ...rest,
    reach: base64url(reach),
    appId: base64url(appId),
    resumeKey: base64url(resumeKey),
  })
  if (!keep(nameOf(runner.runnerId), text)) throw new Error('the browser keeps nothing')
}

export const forgetPlain = (runnerId: string): void => void keep(nameOf(runnerId), null)

/** Null where a value is missing or has another form. */
export function runnerOf(runnerId: string, text: string | null): SealedRunner | null {
  const at = entriesIn(text)
  if (at === null) return null
  const bytes = (name: string, length: number) => {
    const found = at.get(name)
    const read = typeof found === 'string' ? fromBase64url(found) : null
    return read?.length === length ? read : null
  }
  const [reach, appId, resumeKey] = [bytes('reach', 32), bytes('appId', 16), bytes('resumeKey', 32)]
  const [label, greetedAtMs] = [at.get('label'), at.get('greetedAtMs')]
  const permissions = permissionsOf(at.get('permissions'))
  if (reach === null || appId === null || resumeKey === null || permissions === null) return null
  if (at.get('runnerId') !== runnerId || typeof label !== 'string' || typeof greetedAtMs !== 'number')
    return null
  const pairingName = at.get('pairingName')
  return {
    ...{ runnerId, label, reach, appId, resumeKey, permissions, greetedAtMs },
    ...(typeof pairingName === 'string' && { pairingName }),
  }
}

function permissionsOf(value: unknown): SealedRunner['permissions'] | null {
  const at = entriesOf(value)
  const [view, input, admin] = [at?.get('view'), at?.get('input'), at?.get('admin')]
  return typeof view === 'boolean' && typeof input === 'boolean' && typeof admin === 'boolean'
    ? { view, input, admin }
    : null
}
