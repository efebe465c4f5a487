import { FLEET_MACHINES_MAX, FLEET_RENEW_AFTER_MS } from '@latchkey/domain/fleet/fleet'
import { cleanLabel } from '@latchkey/e2ee/label'
import { base64url } from '@latchkey/protocol/bytes'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { knownRunner } from '../runner-book.ts'
import { reachOf } from '../seal/own-app.ts'
import { changeFleet, heardList, ownFleet, startFleet } from './own-fleet.ts'

/** How lists travel: each device carries the newest one to every machine that it opens, and takes a newer one from there. */

/** Links that are listened to, with what ends that. */
const heard = new Map<OpenLink['link'], () => void>()

let isStarted = false

/** Begins once, when a page has links. */
export function startGossip(): void {
  if (isStarted) return
  isStarted = true
  void startFleet().then(() => {
    openLinks.subscribe(listen)
    ownFleet.subscribe(giveAll)
    listen()
    setInterval(() => void renew(), 60 * 60_000)
    void renew()
  })
}

function listen(): void {
  const open = new Map([...openLinks.current].map(([runnerId, each]) => [each.link, { runnerId, ...each }]))
  for (const [link, end] of heard)
    if (!open.has(link)) {
      end()
      heard.delete(link)
    }
  for (const [link, { runnerId, fleet }] of open) {
    if (heard.has(link)) continue
    const look = () => void meet(runnerId)
    heard.set(link, fleet.fact.subscribe(look))
    look()
  }
}

/** What this browser and one machine know of the fleet comes together. */
async function meet(runnerId: string): Promise<void> {
  const open = openLinks.current.get(runnerId)
  const fact = open?.fleet.fact.current ?? null
  if (open === undefined || fact === null) return
  if (fact.list !== null) await heardList(fact.list)
  const own = ownFleet.current
  if (own === null || fact.owner !== own.list.owner) return
  if (own.isOwner) await nameMachine(runnerId)
  const newest = ownFleet.current
  if (newest !== null && newest.list.number > fact.number) open.fleet.give(newest.text)
}

/** The owner's list names every machine that belongs to the owner. */
async function nameMachine(runnerId: string): Promise<void> {
  const reach = await reachOf(runnerId)
  if (reach === null) return
  // As it is signed: a list that is read again must be the same, or each reading would sign another one.
  const label = cleanLabel(knownRunner(runnerId)?.label ?? runnerId)
  const machine = { runnerId, reach: base64url(reach), label }
  await changeFleet(({ machines }) => {
    const isNamed = machines.some(
      (each) => each.runnerId === runnerId && each.reach === machine.reach && each.label === label,
    )
    if (isNamed || machines.length >= FLEET_MACHINES_MAX) return null
    return { machines: [...machines.filter((each) => each.runnerId !== runnerId), machine] }
  })
}

function giveAll(): void {
  for (const runnerId of openLinks.current.keys()) void meet(runnerId)
}

/** A list ends by itself: while its page is open, the owner signs the same one anew each day. */
const renew = (): Promise<void> =>
  changeFleet(({ issuedAtMs }) => (Date.now() - issuedAtMs < FLEET_RENEW_AFTER_MS ? null : {}))
