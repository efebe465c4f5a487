import { useEffect, useState } from 'preact/hooks'
import '../styles/console.css'
import '../styles/console-page.css'
import type { ConsoleSection } from '../places.ts'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { Activity } from './activity.tsx'
import { ConsoleFrame } from './console-frame.tsx'
import { openFeed, signOut } from './feed.ts'
import { HealthStrip } from './health-strip.tsx'
import { Runners } from './runners.tsx'
import { SignedOut } from './signed-out.tsx'

/** The operator's page: what the broker does, as it happens. */
export function ConsolePage({
  token,
  section,
}: {
  readonly token: string | null
  readonly section: ConsoleSection
}) {
  const [source, setSource] = useState(() => openFeed(token))
  const text = useObservable(words)
  const feed = useObservable(source.feed)
  useEffect(() => () => source.close(), [source])
  useEffect(() => {
    document.title = `${text.console.title} · ${text.brand}`
  }, [text])
  const leave = async () => {
    await signOut()
    source.close()
    setSource(openFeed(null))
  }
  switch (feed.status) {
    case 'signing-in':
      return (
        <main class="page waiting">
          <p class="dim" role="status">
            {text.console.signingIn}
          </p>
        </main>
      )
    case 'signed-out':
      return <SignedOut why={feed.why} onAgain={() => setSource(openFeed(null))} />
    case 'open': {
      const { picture } = feed
      return (
        <ConsoleFrame picture={picture} fresh={feed.fresh} section={section} onSignOut={() => void leave()}>
          {section === 'overview' ? (
            <div class="grid">
              <HealthStrip picture={picture} />
              <div class="grid two">
                <Runners runners={picture.runners} serverTime={picture.serverTime} shownMax={6} />
                <Activity
                  activity={picture.activity}
                  runners={picture.runners}
                  serverTime={picture.serverTime}
                  shownMax={8}
                />
              </div>
            </div>
          ) : section === 'runners' ? (
            <Runners runners={picture.runners} serverTime={picture.serverTime} shownMax={null} />
          ) : (
            <Activity
              activity={picture.activity}
              runners={picture.runners}
              serverTime={picture.serverTime}
              shownMax={null}
            />
          )}
        </ConsoleFrame>
      )
    }
  }
}
