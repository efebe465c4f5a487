import type { AppLink } from '@latchkey/connection/app/link'
import { Icon } from '../parts/icon.tsx'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { useSealed } from './seal-mark.tsx'
import '../styles/pin-page.css'

/** Four at a time, as a person compares. */
const inGroups = (fingerprint: string): string => fingerprint.match(/.{1,4}/g)?.join(' ') ?? ''

/** Who can read what on this link, and by which name the machine's keys are known. */
export function SealFacts({ link, machine }: { readonly link: AppLink; readonly machine: string }) {
  const text = useWords()
  const sealed = useSealed(link)
  const pairing = useObservable(link.pairing)
  return (
    <>
      {sealed === null ? null : (
        <div class={`banner ${sealed ? 'ok' : 'warn'} spaced`}>
          <Icon name={sealed ? 'sealed' : 'unsealed'} />
          <div>
            <b>{sealed ? text.seal.sealed : text.link.notSealed}</b>
            <p>{sealed ? text.seal.sealedText(machine) : text.link.notSealedText}</p>
          </div>
        </div>
      )}
      {pairing === null ? null : (
        <p class="small dim fingerprint-of">
          {text.seal.fingerprint(machine)}
          <code class="mono fingerprint">{inGroups(pairing.runnerId)}</code>
        </p>
      )}
    </>
  )
}
