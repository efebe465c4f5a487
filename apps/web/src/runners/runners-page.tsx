import { useEffect, useState } from 'preact/hooks'
import { countOf, needs } from '../attention/attention.ts'
import { NeedsMe } from '../attention/needs-me.tsx'
import { RevokedNotice } from '../device-pairing/revoked-notice.tsx'
import { keepsAnything } from '../kept.ts'
import { useAllLinks } from '../link/use-links.ts'
import { Icon } from '../parts/icon.tsx'
import { Page, useTitle } from '../parts/page.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import { goPair, type HomeHalf } from '../places.ts'
import { book } from '../runner-book.ts'
import { useDesktop } from '../terminal/frame/use-desktop.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { FleetRows } from './fleet-rows.tsx'
import { Halves } from './halves.tsx'
import type { InboxPage } from './inbox-page.tsx'
import { RunnerList } from './runner-list.tsx'
import { SharedNotice } from './shared-notice.tsx'

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
  const Inbox = useInbox(shown === 'needs-me')
  if (Inbox !== null) return <Inbox machines={machines} />
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

/** Where there is room for a question beside the list; it comes with the terminals, whose sidebar it has. */
function useInbox(wanted: boolean): typeof InboxPage | null {
  const isWide = useDesktop()
  const [page, setPage] = useState<{ readonly Page: typeof InboxPage } | null>(null)
  useEffect(() => {
    // Without the file, as after an update, the list in one column stays.
    if (wanted && isWide && page === null)
      import('./inbox-page.tsx').then(
        ({ InboxPage: Page }) => setPage({ Page }),
        () => {},
      )
  }, [wanted, isWide])
  return wanted && isWide ? (page?.Page ?? null) : null
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
      <SharedNotice />
      <RunnerList machines={machines} />
      <FleetRows machines={machines} />
      <p class="meta list-note">
        <PlaceLink to={{ page: 'fleet' }}>{text.myDevices.link}</PlaceLink>
      </p>
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
