import { subject } from '@latchkey/connection/observable'
import { type FleetList, firstList, judgeList, nextList } from '@latchkey/domain/fleet/fleet'
import { deviceNumber, openFleetList, signFleetList } from '@latchkey/e2ee/fleet-list'
import { noblePrimitives, type SigningKey } from '@latchkey/e2ee/primitives'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { keep, kept } from '../kept.ts'
import { ownLabel } from '../platform.ts'
import { browserKeys } from '../seal/browser-sealer.ts'
import { makeOwnerKey, ownerKey } from '../seal/owner-key.ts'

/** The fleet that this browser belongs to: the newest list of its owner, and the owner's key where this browser has it. */
export interface OwnFleet {
  readonly list: FleetList
  /** as it was signed, base64url */
  readonly text: string
  /** the owner's word about this browser's key; null: the list does not name it */
  readonly certificate: Uint8Array | null
  /** this browser signs the lists */
  readonly isOwner: boolean
}

const LIST = 'fleet-list'

/** Null: this browser belongs to no fleet, or its list is not read yet. */
export const ownFleet = subject<OwnFleet | null>(null)

/** This browser's key, as machines know it. */
export const ownKey = async (): Promise<Uint8Array> => (await browserKeys.of('')).publicKey
export const ownNumber = async (): Promise<string> => deviceNumber(await ownKey())

/** Changes of the list take turns: two at once would sign one number twice. */
let turn: Promise<unknown> = Promise.resolve()
const inTurn = <Result>(run: () => Promise<Result>): Promise<Result> => {
  const next = turn.then(run, run)
  turn = next
  return next
}

let started: Promise<void> | null = null
/** Reads the list that is kept. */
export const startFleet = (): Promise<void> => (started ??= inTurn(readKept))

addEventListener('storage', (event) => {
  if (event.key === `latchkey.${LIST}`) void inTurn(readKept)
})

async function readKept(): Promise<void> {
  const text = kept(LIST)
  if (text === null) ownFleet.set(null)
  else await become(text)
}

async function become(text: string): Promise<boolean> {
  const opened = await openFleetList(fromBase64url(text) ?? new Uint8Array(0), noblePrimitives)
  if (opened === null) return false
  const { list, certificates } = opened
  const signs = await ownerKey()
  const isOwner = signs !== null && base64url(signs.publicKey) === list.owner
  ownFleet.set({ list, text, certificate: certificates.get(base64url(await ownKey())) ?? null, isOwner })
  return true
}

/**
 * A machine tells of a list. Taken where it names this browser and is newer than the one at hand; another owner's only where
 * this browser belongs to none.
 */
export const heardList = (text: string): Promise<boolean> =>
  inTurn(async () => {
    const opened = await openFleetList(fromBase64url(text) ?? new Uint8Array(0), noblePrimitives)
    if (opened === null || !opened.certificates.has(base64url(await ownKey()))) return false
    const held = ownFleet.current?.list ?? null
    const judged = judgeList(held, opened.list, held?.owner ?? opened.list.owner, Date.now())
    if (!judged.ok) return false
    keep(LIST, text)
    return become(text)
  })

/** This browser becomes the owner: it makes the key that signs, and is the first device. */
export const beginFleet = (): Promise<void> =>
  inTurn(async () => {
    if (ownFleet.current !== null) return
    const signs = (await ownerKey()) ?? (await makeOwnerKey())
    const device = { key: base64url(await ownKey()), label: ownLabel(navigator.userAgent), rights: TYPES }
    const first = firstList(base64url(signs.publicKey), Date.now())
    await sign({ ...first, devices: [device] }, signs)
  })

/** The owner's next list. Nothing happens where this browser is not the owner. */
export const changeFleet = (
  change: (list: FleetList) => Partial<Pick<FleetList, 'devices' | 'machines'>> | null,
): Promise<void> =>
  inTurn(async () => {
    const now = ownFleet.current
    const signs = await ownerKey()
    const changed = now?.isOwner === true ? change(now.list) : null
    if (now === null || signs === null || changed === null) return
    await sign(nextList(now.list, changed, Date.now()), signs)
  })

/** This browser forgets the fleet; machines that it has opened stay. */
export function leaveFleet(): void {
  keep(LIST, null)
  ownFleet.set(null)
}

export const TYPES = { type: true, approve: false, send: false }

async function sign(list: FleetList, signs: SigningKey): Promise<void> {
  const text = base64url(await signFleetList(list, signs))
  keep(LIST, text)
  await become(text)
}
