import type { AppLink } from '@latchkey/connection/app/link'
import { useEffect, useMemo, useState } from 'preact/hooks'
import '../styles/terminal.css'
import '../styles/desktop.css'
import '../styles/past.css'
import '../styles/reader.css'
import '../styles/terminal-page.css'
import '../styles/terminal-bars.css'
import '../styles/typing.css'
import '../styles/sharing.css'
import { openGuestLink, shareOfTab } from '../link/guest-link.ts'
import { isStale } from '../link/link-words.ts'
import { Page, useTitle } from '../parts/page.tsx'
import { OpenTerminal } from '../terminal/open-terminal.tsx'
import { Screens } from '../terminal/screen/screens.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import type { Says } from '../words/says.ts'

/** One terminal of a machine that is not this browser's own: it came by a share link. */
export function GuestPage({ link: fragment }: { readonly link: string | null }) {
  const { share: text } = useWords()
  const [share] = useState(() => shareOfTab(fragment))
  const [link, setLink] = useState<AppLink | null>(null)
  useEffect(() => {
    if (share === null) return
    let opened: AppLink | null = null
    let left = false
    void openGuestLink(share).then((made) => {
      opened = made
      if (left) made.close()
      else setLink(made)
    })
    return () => {
      left = true
      opened?.close()
    }
  }, [share])
  if (share === null) return <NoLink says={[text.broken, text.brokenNext]} />
  return link === null ? null : <Guest link={link} share={Array.from(share.shareId).join('-')} />
}

function Guest({ link, share }: { readonly link: AppLink; readonly share: string }) {
  const text = useWords()
  const state = useObservable(link.state)
  const terminals = useObservable(link.terminals)
  const machine = useObservable(link.machine)
  const screens = useMemo(() => new Screens(link), [link])
  useEffect(() => () => screens.dispose(), [screens])
  const [info = null] = terminals
  const screen = info === null ? null : screens.of(info.terminal)
  const stale = isStale(state)
  const live = !stale
  useEffect(() => {
    for (const each of screens.all()) each.stale(stale)
  }, [stale, screen])
  useTitle(info === null ? text.share.guestTitle : info.name)
  const isOver = state.status === 'refused' || state.status === 'unpaired' || (live && info === null)
  if (isOver) return <NoLink says={[text.share.ended, text.share.endedNext]} />
  // The name under which choices about this machine are kept, apart from a machine of this browser's own.
  const runner = { runnerId: `share-${share}`, label: machine?.name ?? '', credential: '', pairedAt: 0 }
  return (
    <OpenTerminal
      runner={runner}
      link={link}
      machine={machine}
      machineName={machine?.name || text.share.guestTitle}
      terminals={terminals}
      info={info}
      screen={screen}
      stale={stale}
      unseen={[]}
      failure={null}
      onFront={() => {}}
      onNew={() => {}}
      onOpen={() => {}}
      isGuest
    />
  )
}

function NoLink({ says }: { readonly says: Says }) {
  const { share: text } = useWords()
  useTitle(text.guestTitle)
  return (
    <Page>
      <div role="alert" data-share="ended">
        <h1>{says[0]}</h1>
        <p class="lead">{says[1]}</p>
      </div>
    </Page>
  )
}
