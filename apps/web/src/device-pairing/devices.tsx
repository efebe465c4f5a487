import type { ConsoleEvent, RunnerView } from '@latchkey/protocol/console'
import { type ListedDevice, type Revoked } from '@latchkey/protocol/device-pairing'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Card, Row } from '../parts/card.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { dayOrTime, moment, span } from '../words/times.ts'
import { mayOf } from './device-may.ts'
import { DeviceSheet } from './device-sheet.tsx'
import { Tags } from './join-keys.tsx'
import { membership } from './membership.ts'
import { RevokeDevice } from './revoke-device.tsx'

type Devices = NonNullable<ConsoleEvent['devices']>

interface DevicesProps {
  readonly devices: Devices
  readonly runners: readonly RunnerView[]
  readonly serverTime: number
}

/** On the overview: the first devices of the mesh. */
export function DevicesCard({
  devices: { nodes, limit },
  runners,
  serverTime,
  shownMax,
}: DevicesProps & { readonly shownMax: number }) {
  const { devices: text } = useWords()
  const names = runnerNames(runners)
  return (
    <Card
      id="devices"
      title={text.title}
      fact={text.of(nodes.length, limit)}
      all={{ page: 'console', token: null, section: 'devices' }}
    >
      <Rows nodes={nodes.slice(0, shownMax)}>
        {(device) => (
          <DeviceRow key={device.id} node={device} names={names} serverTime={serverTime} whole={false} />
        )}
      </Rows>
    </Card>
  )
}

/** On a page of their own: all devices of the mesh, each with buttons to rename and revoke it. */
export function Devices({ devices: { nodes, limit }, runners, serverTime }: DevicesProps) {
  const text = useWords()
  const [asking, setAsking] = useState<ListedDevice | null>(null)
  const [naming, setNaming] = useState<ListedDevice | null>(null)
  const [revoked, setRevoked] = useState<Revoked | null>(null)
  const names = runnerNames(runners)
  return (
    <>
      <p class="dim small devices-lead">{text.devices.places(nodes.length, limit)}</p>
      <div role="status">
        {revoked === null ? null : (
          <WhatWent revoked={revoked} onClose={() => setRevoked(null)} text={text} />
        )}
      </div>
      <div class="card">
        <Rows nodes={nodes}>
          {(device) => (
            <DeviceRow key={device.id} node={device} names={names} serverTime={serverTime} whole>
              <IconButton
                icon="pencil"
                label={text.fleet.changeOne(device.name)}
                onClick={() => setNaming(device)}
              />
              {mayBeRevoked(device) ? (
                <button
                  type="button"
                  class="btn quiet bad"
                  aria-label={text.devices.revokeOne(device.name)}
                  onClick={() => setAsking(device)}
                >
                  {text.devices.revoke}
                </button>
              ) : null}
            </DeviceRow>
          )}
        </Rows>
      </div>
      {naming === null ? null : (
        <DeviceSheet device={naming} serverTime={serverTime} onClose={() => setNaming(null)} />
      )}
      {asking === null ? null : (
        <RevokeDevice
          node={asking}
          serverTime={serverTime}
          runs={asking.runners.map((id) => names.get(id) ?? id)}
          onRevoked={setRevoked}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  )
}

function Rows(props: {
  readonly nodes: readonly ListedDevice[]
  readonly children: (device: ListedDevice) => ComponentChildren
}) {
  const { devices } = useWords()
  if (props.nodes.length > 0) return <ul class="rows">{props.nodes.map(props.children)}</ul>
  return (
    <div class="empty">
      <p>{devices.none}</p>
    </div>
  )
}

function DeviceRow(props: {
  readonly node: ListedDevice
  readonly names: ReadonlyMap<string, string>
  readonly serverTime: number
  /** with all facts */
  readonly whole: boolean
  readonly children?: ComponentChildren
}) {
  const text = useWords()
  const { node, names, serverTime, whole, children } = props
  return (
    <Row
      icon={iconOf(node)}
      dot={node.connected ? 'ok' : 'off'}
      name={
        <>
          <span class="trunc">{node.name}</span>
          <Tags tags={node.tags} />
          {node.id === membership()?.nodeId ? <span class="badge me">{text.devices.thisOne}</span> : null}
        </>
      }
      facts={
        <>
          {factsOf(node, names, serverTime, whole, text)}
          {whole ? <span class="wide-only">{` · ${moreOf(node, serverTime, text)}`}</span> : null}
          {whole && node.note ? <span class="device-note">{node.note}</span> : null}
        </>
      }
    >
      {children}
    </Row>
  )
}

/** The broker's own machine has no token to revoke: it leaves when it is stopped. */
const mayBeRevoked = (device: ListedDevice): boolean => device.isFirst !== true

const runnerNames = (runners: readonly RunnerView[]): ReadonlyMap<string, string> =>
  new Map(runners.map(({ runnerId, label }) => [runnerId, label || runnerId]))

function iconOf(device: ListedDevice): IconName {
  if (device.isFirst) return 'home'
  if (device.runners.length > 0) return 'server'
  return /android|iphone|ipad|pixel|phone|galaxy|tablet/i.test(device.name) ? 'phone' : 'laptop'
}

/** The sign-in ends within this: the device is probably not in use. */
const DAY_MS = 24 * 60 * 60_000
const SOON_MS = 7 * DAY_MS

function factsOf(
  device: ListedDevice,
  names: ReadonlyMap<string, string>,
  serverTime: number,
  whole: boolean,
  text: Words,
): string {
  const { devices } = text
  const facts: string[] = []
  if (device.isFirst) facts.push(devices.ownMachine)
  else if (device.connected) facts.push(devices.activeNow)
  else if (device.lastSeenAt === null) facts.push(devices.neverSeen)
  else facts.push(devices.lastSeen(moment(device.lastSeenAt, serverTime, text)))
  if (!whole) return facts.join(' · ')
  const runs = device.runners.map((id) => names.get(id) ?? id).filter((name) => name !== device.name)
  if (runs.length > 0) facts.push(devices.runs(runs.join(', ')))
  const { status, expiresAt } = device.token
  if (status === 'expired') facts.push(devices.tokenEnded)
  else if (expiresAt !== null && expiresAt - serverTime < SOON_MS)
    facts.push(devices.endsIn(span(expiresAt - serverTime, text)))
  const { removalAt = null } = device
  if (removalAt !== null) facts.push(text.fleet.removedAt(moment(removalAt, serverTime, text)))
  return facts.join(' · ')
}

/** Facts for a wide window: when it joined, its roles, how long it stays signed in. */
function moreOf(device: ListedDevice, serverTime: number, text: Words): string {
  const { devices } = text
  const may = { app: devices.mayApp, runner: devices.mayRunner }
  const { expiresAt, status } = device.token
  return [
    devices.joined(dayOrTime(device.joinedAt, serverTime, text)),
    ...device.roles.map((role) => may[role]),
    ...rightsOf(device, text),
    ...(device.lastAddress == null ? [] : [text.fleet.lastAddress(device.lastAddress)]),
    ...(status === 'valid' && expiresAt !== null && expiresAt - serverTime >= SOON_MS
      ? [devices.endsInDays(Math.floor((expiresAt - serverTime) / DAY_MS))]
      : []),
  ].join(' · ')
}

/** What its apps may do, where the operator took something away. */
function rightsOf(device: ListedDevice, { fleet }: Words): readonly string[] {
  if (!device.roles.includes('app') || device.appRights == null) return []
  const { approve, send } = mayOf(device)
  const kept = [...(approve ? [fleet.rights.approve] : []), ...(send ? [fleet.rights.send] : [])]
  return [kept.length === 0 ? fleet.lookOnly : fleet.atMost(kept.join(', '))]
}

/** What a revocation ended, until the notice is closed. */
function WhatWent(props: { readonly revoked: Revoked; readonly onClose: () => void; readonly text: Words }) {
  const { revoked, onClose, text } = props
  const { tokens, sessions, runners, connections } = revoked.revoked
  const lost = [
    ...(tokens.length === 0 ? [] : [text.devices.tokens(tokens.length)]),
    ...(sessions.length === 0 ? [] : [text.devices.sessions(sessions.length)]),
    ...(runners.length === 0 ? [] : [text.devices.runners(runners.length)]),
    ...(connections === 0 ? [] : [text.devices.connections(connections)]),
  ]
  return (
    <div class="banner ok what-went">
      <Icon name="check" />
      <div class="grow">
        <b>{text.devices.revoked(revoked.node.name)}</b>
        {lost.length === 0 ? null : (
          <p>
            {text.devices.revokedWhat} {lost.join(', ')}.
          </p>
        )}
      </div>
      <IconButton icon="cross" label={text.close} onClick={onClose} />
    </div>
  )
}
