import { countOf, needs } from '../attention/attention.ts'
import { PlaceLink } from '../parts/place-link.tsx'
import { type HomeHalf, stayAs } from '../places.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'

/** The switch between the two halves of the beginning. */
export function Halves({ shown, machineCount }: { readonly shown: HomeHalf; readonly machineCount: number }) {
  const { attention } = useWords()
  const count = countOf(useObservable(needs))
  const half = (name: HomeHalf) => ({
    to: { page: 'home', half: name } as const,
    onGo: () => stayAs({ page: 'home', half: name }),
    'aria-current': shown === name ? ('page' as const) : undefined,
  })
  return (
    <nav class="seg halves" aria-label={attention.show}>
      <PlaceLink {...half('needs-me')}>
        {attention.needsMe}
        {count === 0 ? null : <span class="count">{count}</span>}
      </PlaceLink>
      <PlaceLink {...half('machines')}>
        {attention.machines}
        <span class="faint num">{machineCount}</span>
      </PlaceLink>
    </nav>
  )
}
