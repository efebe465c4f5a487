import type { Card } from './card.ts'

/** One place that has the sought word: in a line of a card, or in its command. */
export interface Match {
  readonly key: string
  /** from 0 in the card's output; null: in the command */
  readonly line: number | null
  /** in UTF-16 units, from the beginning of the line */
  readonly at: number
}

/** More matches are not counted: a person does not step through so many. */
export const MATCHES_MAX = 10_000

/** All places, in upper or lower case, from the oldest on. */
export function matchesOf(cards: readonly Card[], sought: string): readonly Match[] {
  const needle = sought.toLowerCase()
  const matches: Match[] = []
  if (needle === '') return matches
  const look = (key: string, line: number | null, text: string) => {
    const haystack = text.toLowerCase()
    for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length))
      if (matches.length < MATCHES_MAX) matches.push({ key, line, at })
  }
  for (const { key, command, lines } of cards) {
    if (command !== null) look(key, null, command)
    lines.forEach((text, line) => look(key, line, text))
  }
  return matches
}

/**
 * Where a step leads from `from`: to the next or the previous one, round the ends. Without a place of its own it begins at the
 * newest: a reader opens at its end.
 */
export function stepped(matches: readonly Match[], from: Match | null, step: 1 | -1): Match | null {
  const at = placeOf(matches, from)
  if (at === null) return matches.at(-1) ?? null
  return matches[(at + step + matches.length) % matches.length] ?? null
}

/** The index of a match after the output has gone on; null when it is no longer there. */
export function placeOf(matches: readonly Match[], match: Match | null): number | null {
  if (match === null) return null
  const at = matches.findIndex(
    ({ key, line, at: place }) => key === match.key && line === match.line && place === match.at,
  )
  return at < 0 ? null : at
}
