import { randomBytes } from 'node:crypto'
import type { RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'

/** How this release writes records. Readers know this one and, once there is a second, the one before. */
const FORMAT = 1

/** What a record's text ends with: 16 characters that no other text of any process ends with, and the closing of the JSON. */
export const VERSION_CHARS = 18

/** The version of a record that is not there. */
export const ABSENT = ''

/** A record as text: founding fields first, for other clients, then ours. */
export interface Kept<K extends RecordKind> {
  readonly value: Records[K]
  /** milliseconds since the epoch; null for a record that is kept while it is used */
  readonly sweepAt: number | null
}

/** What the text under a key says: a record of this format; one of a newer release; or nothing that this store wrote. */
export type ReadText<K extends RecordKind> =
  | ({ readonly format: 'known' } & Kept<K>)
  | { readonly format: 'newer' }
  | { readonly format: 'foreign' }

/** Makes versions, each of which is one text's alone. */
export function versions(): () => string {
  const process = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${process}${(count++).toString(36).padStart(8, '0')}"}`
}

/** @param founding what other clients of the same Redis read: fields of ours that are named alike must be equal */
export function recordText(
  founding: Readonly<Record<string, unknown>>,
  kept: Kept<RecordKind>,
  version: string,
): string {
  const ours = JSON.stringify({ ...founding, format: FORMAT, sweepAt: kept.sweepAt, record: kept.value })
  return `${ours.slice(0, -1)},"version":"${version}`
}

export const versionIn = (text: string | null): string =>
  text === null ? ABSENT : text.slice(-VERSION_CHARS)

/** Reads what `recordText` wrote. Anything else is foreign: it counts as no record, and may be overwritten. */
export function readText<K extends RecordKind>(text: string): ReadText<K> {
  const told = parsed<K>(text)
  if (typeof told?.format !== 'number' || told.record === undefined) return { format: 'foreign' }
  if (told.format > FORMAT) return { format: 'newer' }
  return { format: 'known', value: told.record, sweepAt: told.sweepAt ?? null }
}

/** Where records are. Founding kinds have the founding names (seeds 000 and 002), the others are ours. */
const PLACES: Readonly<Record<RecordKind, string>> = {
  code: 'pairing:code:',
  session: 'pairing:session:',
  runner: 'latchkey:runner:',
  apps: 'latchkey:apps:',
  budget: 'latchkey:budget:',
  node: 'latchkey:node:',
  operator: 'latchkey:operator:',
}

export const recordPlaces: readonly string[] = Object.values(PLACES)

/** What stands before the id in the key of a record. */
export const placeOf = (kind: RecordKind): string => PLACES[kind]

export const redisKey = (kind: RecordKind, id: string): string => PLACES[kind] + idText(id)

/** An id as it stands in a key: as it is, unless UTF-8 would lose it; a quote in front tells the escaped ones apart. */
export const idText = (id: string): string =>
  MAYBE_ESCAPED.test(id) && ESCAPED.test(id) ? JSON.stringify(id) : id

const ESCAPED = /^"|\p{Surrogate}/u
/** Every id is looked at a dozen times a second and more: this one is quick, and says no to nearly all. */
const MAYBE_ESCAPED = /^"|[\ud800-\udfff]/

function parsed<K extends RecordKind>(
  text: string,
): { readonly format?: number; readonly sweepAt?: number | null; readonly record?: Records[K] } | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
