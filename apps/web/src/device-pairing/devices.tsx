import type { ConsoleEvent, RunnerView } from '@latchkey/protocol/console'
import {
  DEVICE_NAME_CHARS_MAX,
  meReply,
  type NodeView,
  type Revoked,
} from '@latchkey/protocol/device-pairing'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Card, Row } from '../parts/card.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { RenameSheet } from '../parts/rename-sheet.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { dayOrTime, moment, span } from '../words/times.ts'
import { trimmedName } from './device-name.ts'
import { membership } from './membership.ts'
import { RevokeDevice } from './revoke-device.tsx'

type Devices = NonNullable<ConsoleEvent['devices']>

/** The devices of the mesh, on their own page with a button to revoke each. */
export function Devices(props: {
  readonly devices: Devices
  readonly runners: readonly RunnerView[]
  readonly serverTime: number
  /** null shows all, and lets them be revoked */
  readonly shownMax: number | null
}) {
  const text = useWords()
  const { devices, runners, serverTime, shownMax } = props
  const [asking, setAsking] = useState<NodeView | null>(null)
  const [naming, setNaming] = useState<NodeView | null>(null)
  const [revoked, setRevoked] = useState<Revoked | null>(null)
  const ownId = membership()?.nodeId ?? null
  const { nodes, limit } = devices
  const shown = shownMax === null ? nodes : nodes.slice(0, shownMax)
  const names = runnerNames(runners)
  const rows = (
    <ul class="rows">
      {shown.map((node) => (
        <Row
          key={node.id}
          icon={iconOf(node)}
          dot={node.connected ? 'ok' : 'off'}
          name={
            <>
              <span class="trunc">{node.name}</span>
              {node.id === ownId ? <span class="badge me">{text.devices.thisOne}</span> : null}
            </>
          }
          facts={
            <>
              {factsOf(node, names, serverTime, shownMax === null, text)}
              {shownMax === null ? (
                <span class="wide-only">{` · ${moreOf(node, serverTime, text)}`}</span>
              ) : null}
            </>
          }
        >
          {shownMax === null ? (
            <IconButton
              icon="pencil"
              label={text.devices.renameOne(node.name)}
              onClick={() => setNaming(node)}
            />
          ) : null}
          {shownMax === null && mayBeRevoked(node) ? (
            <button
              type="button"
              class="btn quiet bad"
              aria-label={text.devices.revokeOne(node.name)}
              onClick={() => setAsking(node)}
            >
              {text.devices.revoke}
            </button>
          ) : null}
        </Row>
      ))}
    </ul>
  )
  const empty = (
    <div class="empty">
      <p>{text.devices.none}</p>
    </div>
  )
  if (shownMax !== null)
    return (
      <Card
        id="devices"
        title={text.devices.title}
        fact={text.devices.of(nodes.length, limit)}
        all={{ page: 'console', token: null, section: 'devices' }}
      >
        {nodes.length === 0 ? empty : rows}
      </Card>
    )
  return (
    <>
      <p class="dim small devices-lead">{text.devices.places(nodes.length, limit)}</p>
      <div role="status">
        {revoked === null ? null : (
          <WhatWent revoked={revoked} onClose={() => setRevoked(null)} text={text} />
        )}
      </div>
      <div class="card">{nodes.length === 0 ? empty : rows}</div>
      {naming === null ? null : (
        <RenameSheet
          title={text.devices.renameOne(naming.name)}
          field={text.devices.name}
          name={naming.name}
          charsMax={DEVICE_NAME_CHARS_MAX}
          save={text.join.save}
          onName={async (typed) =>
            (await renamed(naming, typed)) ? null : text.devices.renameFailed(naming.name)
          }
          onClose={() => setNaming(null)}
        />
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

/** The broker's next list has the new name. */
async function renamed(node: NodeView, typed: string): Promise<boolean> {
  const { id } = node
  const name = trimmedName(typed)
  if (name === null || name === node.name) return true
  return (await asked(meReply, 'PATCH', `/nodes/${encodeURIComponent(id)}`, { name })).ok
}

/** The broker's own machine has no token to revoke: it leaves when it is stopped. */
const mayBeRevoked = (node: NodeView): boolean => node.isFirst !== true

const runnerNames = (runners: readonly RunnerView[]): ReadonlyMap<string, string> =>
  new Map(runners.map(({ runnerId, label }) => [runnerId, label || runnerId]))

function iconOf(node: NodeView): IconName {
  if (node.isFirst) return 'home'
  if (node.runners.length > 0) return 'server'
  return /android|iphone|ipad|pixel|phone|galaxy|tablet/i.test(node.name) ? 'phone' : 'laptop'
}

/** The sign-in ends within this: the device is probably not in use. */
const DAY_MS = 24 * 60 * 60_000
const SOON_MS = 7 * DAY_MS

function factsOf(
  node: NodeView,
  names: ReadonlyMap<string, string>,
  serverTime: number,
  whole: boolean,
  text: Words,
): string {
  const { devices } = text
  const facts: string[] = []
  if (node.isFirst) facts.push(devices.ownMachine)
  else if (node.connected) facts.push(devices.activeNow)
  else if (node.lastSeenAt === null) facts.push(devices.neverSeen)
  else facts.push(devices.lastSeen(moment(node.lastSeenAt, serverTime, text)))
  if (!whole) return facts.join(' · ')
  const runs = node.runners.map((id) => names.get(id) ?? id).filter((name) => name !== node.name)
  if (runs.length > 0) facts.push(devices.runs(runs.join(', ')))
  const { status, expiresAt } = node.token
  if (status === 'expired') facts.push(devices.tokenEnded)
  else if (expiresAt !== null && expiresAt - serverTime < SOON_MS)
    facts.push(devices.endsIn(span(expiresAt - serverTime, text)))
  return facts.join(' · ')
}

/** Facts for a wide window: when it joined, its roles, how long it stays signed in. */
function moreOf(node: NodeView, serverTime: number, text: Words): string {
  const { devices } = text
  const may = { app: devices.mayApp, runner: devices.mayRunner }
  const { expiresAt, status } = node.token
  return [
    devices.joined(dayOrTime(node.joinedAt, serverTime, text)),
    ...node.roles.map((role) => may[role]),
    ...(status === 'valid' && expiresAt !== null && expiresAt - serverTime >= SOON_MS
      ? [devices.endsInDays(Math.floor((expiresAt - serverTime) / DAY_MS))]
      : []),
  ].join(' · ')
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
