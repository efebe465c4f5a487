import type { ConsoleEvent } from '@latchkey/protocol/console'
import { useEffect, useState } from 'preact/hooks'
import '../styles/console.css'
import '../styles/console-page.css'
import { AccountList } from '../accounts/account-list.tsx'
import { AddDeviceDialog } from '../device-pairing/add-device-dialog.tsx'
import { ApproveDevice } from '../device-pairing/approve-device.tsx'
import { Askers } from '../device-pairing/askers.tsx'
import { DeviceAudit } from '../device-pairing/device-audit.tsx'
import { Devices, DevicesCard } from '../device-pairing/devices.tsx'
import { JoinKeys } from '../device-pairing/join-keys.tsx'
import { OpenRequests } from '../device-pairing/open-requests.tsx'
import { useTitle } from '../parts/page.tsx'
import { type ConsoleSection, stayAs } from '../places.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { Activity, RecentActivity } from './activity.tsx'
import { ApiKeys } from './api-keys.tsx'
import { Audit } from './audit.tsx'
import { ConsoleFrame } from './console-frame.tsx'
import { openFeed, signOut } from './feed.ts'
import { HealthStrip } from './health-strip.tsx'
import { Instances } from './instances.tsx'
import { BreakerNotice, Limits } from './limits.tsx'
import { Notices } from './notices.tsx'
import { Runners } from './runners.tsx'
import { SignedOut } from './signed-out.tsx'
import { Webhooks } from './webhooks.tsx'

/** The operator's page: the state of the broker, live. */
export function ConsolePage({
  token,
  section,
  approve,
}: {
  readonly token: string | null
  readonly section: ConsoleSection
  /** the code of a machine that asks to join, or empty; null on the console's other pages */
  readonly approve: string | null
}) {
  const [source, setSource] = useState(() => openFeed(token))
  const text = useWords()
  const feed = useObservable(source.feed)
  useEffect(() => () => source.close(), [source])
  useTitle(text.console.title)
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
          silent={feed.silent}
          section={section}
          approve={approve}
          onSignOut={() => void leave()}
        />
      )
  }
}

function OpenConsole(props: {
  readonly picture: ConsoleEvent
  readonly fresh: boolean
  readonly silent: readonly string[]
  readonly section: ConsoleSection
  readonly approve: string | null
  readonly onSignOut: () => void
}) {
  const { picture, fresh, silent, section, onSignOut } = props
  const text = useWords()
  const [adding, setAdding] = useState(false)
  const [approve, setApprove] = useState(props.approve)
  const pairings = picture.pairings ?? []
  return (
    <>
      <ConsoleFrame
        picture={picture}
        fresh={fresh}
        silent={silent}
        section={section}
        onSignOut={onSignOut}
        onAddDevice={() => setAdding(true)}
      >
        {picture.limits === undefined ? null : <BreakerNotice limits={picture.limits} text={text} />}
        <Section picture={picture} fresh={fresh} section={section} onApprove={() => setApprove('')} />
      </ConsoleFrame>
      {adding ? <AddDeviceDialog pairings={pairings} onClose={() => setAdding(false)} /> : null}
      {approve === null ? null : (
        <ApproveDevice
          pairings={pairings}
          serverTime={picture.serverTime}
          code={approve}
          onClose={() => {
            setApprove(null)
            stayAs({ page: 'console', token: null, section })
          }}
        />
      )}
    </>
  )
}

function Section(props: {
  readonly picture: ConsoleEvent
  readonly fresh: boolean
  readonly section: ConsoleSection
  readonly onApprove: () => void
}) {
  const text = useWords()
  const { picture, fresh, section, onApprove } = props
  const { runners, activity, devices, limits, serverTime, nodes = [] } = picture
  switch (section) {
    case 'overview':
      return (
        <div class="grid">
          <HealthStrip picture={picture} fresh={fresh} />
          <div class="grid two">
            <div class="grid">
              <Runners runners={runners} nodes={nodes} serverTime={serverTime} shownMax={6} />
              <Instances nodes={nodes} serverTime={serverTime} />
              {limits === undefined ? null : <Limits limits={limits} serverTime={serverTime} shownMax={3} />}
            </div>
            <div class="grid">
              {devices === undefined ? null : (
                <DevicesCard devices={devices} runners={runners} serverTime={serverTime} shownMax={4} />
              )}
              <RecentActivity activity={activity} runners={runners} serverTime={serverTime} shownMax={8} />
            </div>
          </div>
        </div>
      )
    case 'runners':
      return <Runners runners={runners} nodes={nodes} serverTime={serverTime} shownMax={null} />
    case 'devices':
      return devices === undefined ? null : (
        <>
          <Devices devices={devices} runners={runners} serverTime={serverTime} />
          <Askers pairings={picture.pairings ?? []} onApprove={onApprove} />
          <OpenRequests pairings={picture.pairings ?? []} onApprove={onApprove} />
          <JoinKeys
            stamp={devices.nodes.map(({ id, tags = [] }) => `${id}${tags.length}`).join()}
            serverTime={serverTime}
          />
          <DeviceAudit nodes={devices.nodes} pairings={picture.pairings ?? []} serverTime={serverTime} />
        </>
      )
    case 'accounts':
      return <AccountList serverTime={serverTime} />
    case 'programs':
      return (
        <>
          <p class="dim small devices-lead">{text.programs.lead}</p>
          <ApiKeys serverTime={serverTime} />
          <Webhooks serverTime={serverTime} />
        </>
      )
    case 'activity':
      return (
        <div class="grid">
          {limits === undefined ? null : <Limits limits={limits} serverTime={serverTime} shownMax={null} />}
          <Activity activity={activity} runners={runners} serverTime={serverTime} />
          <Audit stamp={auditStamp(picture)} serverTime={serverTime} />
          <Notices serverTime={serverTime} />
        </div>
      )
  }
}

/** Changes when the audit may have another entry. */
const auditStamp = ({ activity, devices, pairings = [] }: ConsoleEvent): string =>
  [
    activity.find(({ outcome }) => outcome !== 'refused' && outcome !== 'rate-limited')?.at ?? 0,
    ...(devices?.nodes ?? []).map(({ id, name }) => `${id}${name}`),
    ...pairings.map(({ id, status }) => `${id}${status}`),
  ].join()
