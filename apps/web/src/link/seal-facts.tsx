import type { AppLink } from '@latchkey/connection/app/link'
import { Banner } from '../parts/banner.tsx'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { useSealed } from './seal-mark.tsx'
import '../styles/pin-page.css'

/** Four at a time, as a person compares. */
const inGroups = (fingerprint: string): string => fingerprint.match(/.{1,4}/g)?.join(' ') ?? ''

/** Whether the broker can read this link, and the fingerprint of the machine's keys. */
export function SealFacts({ link, machine }: { readonly link: AppLink; readonly machine: string }) {
  const text = useWords()
  const sealed = useSealed(link)
  const pairing = useObservable(link.pairing)
  return (
    <>
      {sealed === null ? null : (
        <Banner
          icon={sealed ? 'sealed' : 'unsealed'}
          look={`${sealed ? 'ok' : 'warn'} spaced`}
          says={
            sealed
              ? [text.seal.sealed, text.seal.sealedText(machine)]
              : [text.link.notSealed, text.link.notSealedText]
          }
        />
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
