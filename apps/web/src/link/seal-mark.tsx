import type { AppLink } from '@latchkey/connection/app/link'
import { subject } from '@latchkey/connection/observable'
import { Icon } from '../parts/icon.tsx'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { useLinkState } from './use-links.ts'

const UNKNOWN = subject<boolean | null>(null)

/** Whether the last channel of the link was sealed; null when there was none yet. */
export const useSealed = (link: AppLink | null): boolean | null => useObservable(link?.sealed ?? UNKNOWN)

/** Says whether the broker can read along. Empty before the first channel and without access. */
export function SealMark({
  link,
  badge = false,
}: {
  readonly link: AppLink | null
  readonly badge?: boolean
}) {
  const text = useWords()
  const sealed = useSealed(link)
  const { status } = useLinkState(link)
  if (sealed === null || status === 'refused' || status === 'pin-wanted') return null
  const look = badge ? (sealed ? 'badge ok' : 'badge warn') : sealed ? 'sealed' : 'sealed not'
  return (
    <span class={look} data-sealed={sealed}>
      <Icon name={sealed ? 'sealed' : 'unsealed'} />
      {sealed ? text.seal.sealed : text.link.notSealed}
    </span>
  )
}
