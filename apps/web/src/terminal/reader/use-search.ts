import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Card } from './card.ts'
import { type Match, matchesOf, placeOf, stepped } from './search.ts'

/** A search over the cards, at one of its places. */
export interface Search {
  readonly isOpen: boolean
  readonly sought: string
  /** where it stands, from 1, and of how many; null without a word to search */
  readonly place: { readonly at: number; readonly of: number } | null
  readonly match: Match | null
  open(): void
  close(): void
  seek(sought: string): void
  step(by: 1 | -1): void
}

/** Keeps its place while output goes on. */
export function useSearch(cards: readonly Card[]): Search {
  const [isOpen, setOpen] = useState(false)
  const [sought, setSought] = useState('')
  const [match, setMatch] = useState<Match | null>(null)
  const matches = useMemo(() => matchesOf(cards, sought), [cards, sought])
  const at = placeOf(matches, match)
  const found = at === null ? null : match
  useEffect(() => {
    if (found === null) setMatch(stepped(matches, null, 1))
  }, [matches, found])
  return {
    isOpen,
    sought,
    place: sought === '' ? null : { at: at === null ? 0 : at + 1, of: matches.length },
    match: found,
    open: () => setOpen(true),
    close: () => {
      setOpen(false)
      setSought('')
      setMatch(null)
    },
    seek: (next) => {
      setSought(next)
      setMatch(null)
    },
    step: (by) => setMatch(stepped(matches, found, by)),
  }
}
