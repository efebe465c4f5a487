import type { Observable } from '@latchkey/connection/observable'
import { ageOf, type FleetDevice, type FleetRights } from '@latchkey/domain/fleet/fleet'
import { deviceNumber } from '@latchkey/e2ee/fleet-list'
import { fromBase64url } from '@latchkey/protocol/bytes'
import type { FleetFact } from '@latchkey/protocol/terminal/fleet'
import { useEffect, useState } from 'preact/hooks'
import '../styles/fleet.css'
import { openLinks } from '../link/open-links.ts'
import { useAllLinks } from '../link/use-links.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { BackBar, Page, useTitle } from '../parts/page.tsx'
import { goHome } from '../places.ts'
import { book } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { startGossip } from './gossip.ts'
import {
  beginFleet,
  changeFleet,
  leaveFleet,
  type OwnFleet,
  ownFleet,
  ownNumber,
  startFleet,
  TYPES,
} from './own-fleet.ts'

const LOOKS: FleetRights = { type: false, approve: false, send: false }

/** The devices of this browser's owner, and the machines that they open without a PIN. */
export function FleetPage() {
  const text = useWords()
  const { myDevices: says } = text
  const own = useObservable(ownFleet)
  const [number, setNumber] = useState('')
  useAllLinks(useObservable(book))
  useTitle(says.title)
  useEffect(() => {
    startGossip()
    void startFleet()
    void ownNumber().then(setNumber)
  }, [])
  const facts = useFacts()
  return (
    <Page
      look="wide fleet"
      bar={<BackBar label={text.term.allMachines} title={says.title} onBack={goHome} />}
    >
      <h1>{says.title}</h1>
      <p class="lead list-lead">{own === null ? says.lead : says.leadOwn}</p>
      <p class="small dim">
        {says.thisDevice} <b class="num mono">{number}</b>
      </p>
      <Refusals />
      <Machines own={own} facts={facts} />
      {own === null ? null : <Devices own={own} />}
      {own?.isOwner === true ? <Waiting own={own} facts={facts} /> : null}
      {own === null ? null : <Age own={own} />}
      {own === null || own.isOwner ? null : (
        <button type="button" class="btn" onClick={leaveFleet}>
          {says.leave}
        </button>
      )}
    </Page>
  )
}

/** What machines have refused: a list that was signed twice, an owner beside another one. */
function Refusals() {
  const links = useObservable(openLinks)
  return [...links].map(([runnerId, { fleet }]) => <Refusal key={runnerId} refused={fleet.refused} />)
}

function Refusal({ refused }: { readonly refused: Observable<string | null> }) {
  const message = useObservable(refused)
  return message === null ? null : <ErrorLine says={message} />
}

type Facts = ReadonlyMap<string, FleetFact>

/** By machine, what it says of its owner. */
function useFacts(): Facts {
  const links = useObservable(openLinks)
  const [facts, setFacts] = useState<Facts>(new Map())
  useEffect(() => {
    const look = () =>
      setFacts(
        new Map(
          [...links].flatMap(([runnerId, { fleet }]) => {
            const fact = fleet.fact.current
            return fact === null ? [] : [[runnerId, fact] as const]
          }),
        ),
      )
    const ends = [...links.values()].map(({ fleet }) => fleet.fact.subscribe(look))
    look()
    return () => {
      for (const end of ends) end()
    }
  }, [links])
  return facts
}

function Machines({ own, facts }: { readonly own: OwnFleet | null; readonly facts: Facts }) {
  const { myDevices: says } = useWords()
  const machines = useObservable(book)
  const [failed, setFailed] = useState(false)
  const mayOwn = own === null || own.isOwner
  const adopt = async (runnerId: string) => {
    try {
      await beginFleet()
    } catch {
      return setFailed(true)
    }
    const owner = ownFleet.current?.list.owner
    if (owner !== undefined) openLinks.current.get(runnerId)?.fleet.adopt(owner, TYPES)
  }
  return (
    <section aria-labelledby="fleet-machines">
      <h2 id="fleet-machines">{says.machines}</h2>
      <div class="card">
        <ul class="rows">
          {machines.map(({ runnerId, label }) => {
            const fact = facts.get(runnerId)
            const state = stateOf(fact, own)
            return (
              <li key={runnerId}>
                <div class="grow">
                  <div class="t">{label}</div>
                  <div class="d">{says.states[state]}</div>
                </div>
                {state === 'free' && mayOwn && fact !== undefined && fact.apps.length > 0 ? (
                  <button type="button" class="btn primary" onClick={() => void adopt(runnerId)}>
                    {says.add}
                    <span class="vh"> {label}</span>
                  </button>
                ) : null}
              </li>
            )
          })}
        </ul>
      </div>
      {failed ? <ErrorLine says={says.cannotKeep} /> : null}
    </section>
  )
}

function stateOf(fact: FleetFact | undefined, own: OwnFleet | null) {
  if (fact === undefined) return 'away'
  if (fact.owner === null) return 'free'
  if (fact.owner !== own?.list.owner) return 'other'
  return fact.allowed === null ? 'denied' : 'ours'
}

function Devices({ own }: { readonly own: OwnFleet }) {
  const { myDevices: says } = useWords()
  const remove = (key: string) =>
    void changeFleet(({ devices }) => ({ devices: devices.filter((each) => each.key !== key) }))
  return (
    <section aria-labelledby="fleet-devices">
      <h2 id="fleet-devices">{says.devices}</h2>
      <div class="card">
        <ul class="rows">
          {own.list.devices.map(({ key, label, rights }, at) => (
            <li key={key} data-device={label}>
              <div class="grow">
                <div class="t">{label}</div>
                <div class="d">{at === 0 ? says.owner : rights.type ? says.types : says.looks}</div>
              </div>
              {own.isOwner && at > 0 ? (
                <button type="button" class="btn danger" onClick={() => remove(key)}>
                  {says.remove}
                  <span class="vh"> {label}</span>
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}

/** Apps that machines know and the owner's list does not name. */
function Waiting({ own, facts }: { readonly own: OwnFleet; readonly facts: Facts }) {
  const { myDevices: says } = useWords()
  const named = new Set(own.list.devices.map(({ key }) => key))
  const ours = [...facts.values()].filter(({ owner }) => owner === own.list.owner)
  const waiting = new Map(
    ours.flatMap(({ apps }) =>
      apps.filter(({ key }) => !named.has(key)).map((app) => [app.key, app] as const),
    ),
  )
  if (waiting.size === 0) return null
  const allow = (device: FleetDevice) =>
    void changeFleet(({ devices }) => ({
      devices: [...devices.filter(({ key }) => key !== device.key), device],
    }))
  return (
    <section aria-labelledby="fleet-waiting">
      <h2 id="fleet-waiting">{says.waiting}</h2>
      <p class="small dim">{says.waitingText}</p>
      <div class="card">
        <ul class="rows">
          {[...waiting.values()].map(({ key, label }) => (
            <li key={key} data-waiting={label}>
              <div class="grow">
                <div class="t">{label}</div>
                <div class="d num mono">{deviceNumber(fromBase64url(key) ?? new Uint8Array(0))}</div>
              </div>
              <button type="button" class="btn" onClick={() => allow({ key, label, rights: LOOKS })}>
                {says.letLook}
                <span class="vh"> {label}</span>
              </button>
              <button type="button" class="btn primary" onClick={() => allow({ key, label, rights: TYPES })}>
                {says.letType}
                <span class="vh"> {label}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}

/** A list that is old may be one of which a newer is withheld. */
function Age({ own }: { readonly own: OwnFleet }) {
  const words = useWords()
  const { myDevices: says } = words
  const { number, issuedAtMs, goodUntilMs } = own.list
  const age = ageOf(own.list, Date.now())
  const at = moment(issuedAtMs, Date.now(), words)
  return (
    <p class="small dim age" data-age={age}>
      {says.ages[age](number, at, moment(goodUntilMs, Date.now(), words))}
    </p>
  )
}
