import { useEffect, useState } from 'preact/hooks'
import { countOf, needs } from '../attention/attention.ts'
import { NeedsMe } from '../attention/needs-me.tsx'
import { RevokedNotice } from '../device-pairing/revoked-notice.tsx'
import { keepsAnything } from '../kept.ts'
import { useAllLinks } from '../link/use-links.ts'
import { Icon } from '../parts/icon.tsx'
import { Page, useTitle } from '../parts/page.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import { goPair, type HomeHalf, stayAs } from '../places.ts'
import { book } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { RunnerList } from './runner-list.tsx'

/** The beginning for a browser that knows machines: what needs its person, and the machines. */
export function RunnersPage({ half }: { readonly half: HomeHalf | null }) {
  const text = useWords()
  const machines = useObservable(book)
  const shown = useHalf(half)
  useAllLinks(machines)
  useTitle(shown === 'needs-me' ? text.attention.needsMe : text.machines.title)
  useEffect(() => {
    void import('../terminal/terminal-page.tsx')
  }, [])
  return (
    <Page
      look="wide"
      dock={
        shown === 'needs-me' ? null : (
          <button type="button" class="btn primary lg" onClick={goPair}>
            <Icon name="plus" />
            {text.machines.pairOne}
          </button>
        )
      }
    >
      <Halves shown={shown} machineCount={machines.length} />
      {shown === 'needs-me' ? <NeedsMe machines={machines} /> : <Machines />}
    </Page>
  )
}

function Machines() {
  const text = useWords()
  const machines = useObservable(book)
  const [keeps] = useState(keepsAnything)
  return (
    <>
      <h1>{text.machines.title}</h1>
      <p class="lead list-lead">{text.machines.lead}</p>
      <RevokedNotice />
      <RunnerList machines={machines} />
      {keeps ? null : <p class="meta list-note">{text.storageOff}</p>}
    </>
  )
}

/** The chosen half; else what needs its person, once something does and nothing on the page was touched yet. */
function useHalf(chosen: HomeHalf | null): HomeHalf {
  const count = countOf(useObservable(needs))
  const [opened, setOpened] = useState<HomeHalf>(count > 0 ? 'needs-me' : 'machines')
  const [touched, setTouched] = useState(false)
  useEffect(() => {
    const touch = () => setTouched(true)
    addEventListener('pointerdown', touch)
    addEventListener('keydown', touch)
    return () => {
      removeEventListener('pointerdown', touch)
      removeEventListener('keydown', touch)
    }
  }, [])
  useEffect(() => {
    if (count > 0 && !touched) setOpened('needs-me')
  }, [count > 0])
  return chosen ?? opened
}

function Halves({ shown, machineCount }: { readonly shown: HomeHalf; readonly machineCount: number }) {
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
