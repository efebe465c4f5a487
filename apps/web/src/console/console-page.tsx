import type { ConsoleEvent } from '@latchkey/protocol/console'
import { useEffect, useState } from 'preact/hooks'
import '../styles/console.css'
import '../styles/console-page.css'
import { AddDeviceDialog } from '../device-pairing/add-device-dialog.tsx'
import { Devices } from '../device-pairing/devices.tsx'
import type { ConsoleSection } from '../places.ts'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { Activity } from './activity.tsx'
import { ConsoleFrame } from './console-frame.tsx'
import { openFeed, signOut } from './feed.ts'
import { HealthStrip } from './health-strip.tsx'
import { Nodes } from './nodes.tsx'
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
    case 'open':
      return (
        <OpenConsole
          picture={feed.picture}
          fresh={feed.fresh}
          section={section}
          onSignOut={() => void leave()}
        />
      )
  }
}

function OpenConsole(props: {
  readonly picture: ConsoleEvent
  readonly fresh: boolean
  readonly section: ConsoleSection
  readonly onSignOut: () => void
}) {
  const { picture, fresh, section, onSignOut } = props
  const [adding, setAdding] = useState(false)
  return (
    <>
      <ConsoleFrame
        picture={picture}
        fresh={fresh}
        section={section}
        onSignOut={onSignOut}
        onAddDevice={() => setAdding(true)}
      >
        <Section picture={picture} section={section} />
      </ConsoleFrame>
      {adding ? <AddDeviceDialog pairings={picture.pairings ?? []} onClose={() => setAdding(false)} /> : null}
    </>
  )
}

function Section({ picture, section }: { readonly picture: ConsoleEvent; readonly section: ConsoleSection }) {
  const { runners, activity, devices, serverTime } = picture
  switch (section) {
    case 'overview':
      return (
        <div class="grid">
          <HealthStrip picture={picture} />
          <div class="grid two">
            <div class="grid">
              <Runners runners={runners} serverTime={serverTime} shownMax={6} />
              <Nodes nodes={picture.nodes ?? []} serverTime={serverTime} />
            </div>
            <div class="grid">
              {devices === undefined ? null : (
                <Devices devices={devices} runners={runners} serverTime={serverTime} shownMax={4} />
              )}
              <Activity activity={activity} runners={runners} serverTime={serverTime} shownMax={8} />
            </div>
          </div>
        </div>
      )
    case 'runners':
      return <Runners runners={runners} serverTime={serverTime} shownMax={null} />
    case 'devices':
      return devices === undefined ? null : (
        <Devices devices={devices} runners={runners} serverTime={serverTime} shownMax={null} />
      )
    case 'activity':
      return <Activity activity={activity} runners={runners} serverTime={serverTime} shownMax={null} />
  }
}
