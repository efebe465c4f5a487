import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { NeedsVoice } from './attention/needs-voice.tsx'
import { NowherePage } from './nowhere-page.tsx'
import { PageBroke } from './parts/later.tsx'
import { place } from './places.ts'
import { book } from './runner-book.ts'
import { PairingPage } from './runner-pairing/pairing-page.tsx'
import { RunnersPage } from './runners/runners-page.tsx'
import { useObservable } from './use-observable.ts'
import { useWords } from './words/language.ts'
import { loadOperatorWords } from './words/operator-words.ts'

/** The page of the present place, and the one voice that says that something needs its person. */
export const App = () => (
  <>
    <PresentPage />
    <NeedsVoice />
  </>
)

/** All pages but the first two are loaded when they are opened. */
function PresentPage() {
  const now = useObservable(place)
  const machines = useObservable(book)
  switch (now.page) {
    case 'home':
      return machines.length > 0 ? (
        <RunnersPage half={now.half ?? null} />
      ) : (
        <PairingPage code={null} link={null} />
      )
    case 'pair':
      return <PairingPage key={now.code} code={now.code} link={now.link} />
    case 'fleet':
      return (
        <Later
          key="fleet"
          load={async () => withOperatorWords((await import('./fleet/fleet-page.tsx')).FleetPage)}
          props={{}}
        />
      )
    case 'guest':
      return (
        <Later
          key={now.link}
          load={async () => (await import('./runners/guest-page.tsx')).GuestPage}
          props={{ link: now.link }}
        />
      )
    case 'notifications':
      return (
        <Later
          key="notifications"
          load={async () => (await import('./push/notifications-page.tsx')).NotificationsPage}
          props={{}}
        />
      )
    case 'terminal':
      return (
        <Later
          load={async () => (await import('./terminal/terminal-page.tsx')).TerminalPage}
          props={{ runnerId: now.runnerId, terminal: now.terminal, question: now.question ?? null }}
        />
      )
    case 'join':
      return (
        <Later
          key={now.token}
          load={async () => withOperatorWords((await import('./device-pairing/join-page.tsx')).JoinPage)}
          props={{ token: now.token }}
        />
      )
    case 'link-whatsapp':
      return (
        <Later
          load={async () => withOperatorWords((await import('./accounts/account-page.tsx')).AccountPage)}
          props={{ token: now.token }}
        />
      )
    case 'approve':
      return (
        <Later
          key="approve"
          load={async () => withOperatorWords((await import('./console/console-page.tsx')).ConsolePage)}
          props={{ token: null, section: 'devices' as const, approve: now.code }}
        />
      )
    case 'nowhere':
      return <NowherePage path={now.path} />
    case 'console':
      return (
        <Later
          load={async () => withOperatorWords((await import('./console/console-page.tsx')).ConsolePage)}
          props={{ token: now.token, section: now.section, approve: null }}
        />
      )
  }
}

/** A page whose sentences are no part of the first files. */
async function withOperatorWords<Page>(page: Page): Promise<Page> {
  await loadOperatorWords()
  return page
}

/** A page that is loaded first. When that fails (a new version replaced its files), a reload brings the new one. */
function Later<Props extends object>(given: {
  readonly load: () => Promise<ComponentType<Props>>
  readonly props: Props
}) {
  const text = useWords()
  const [Page, setPage] = useState<ComponentType<Props> | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    given.load().then(
      (page) => setPage(() => page),
      () => setFailed(true),
    )
  }, [])
  if (Page !== null) return <Page {...given.props} />
  return (
    <main class="page waiting">
      {failed ? (
        <PageBroke />
      ) : (
        <p class="dim" role="status">
          {text.loading}
        </p>
      )}
    </main>
  )
}
