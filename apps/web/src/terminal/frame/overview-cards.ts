import type { Need } from '../../attention/needs.ts'
import type { TabFacts } from './tabs.tsx'

/** A terminal in the overview. */
export interface OverviewCard extends TabFacts {
  /** the last lines of its screen, oldest first, as far as its machine tells them */
  readonly lines: readonly string[]
}

/** The tabs with the last lines of their screens. */
export const cardsOf = (
  tabs: readonly TabFacts[],
  standing: ReadonlyMap<number, Need>,
): readonly OverviewCard[] =>
  tabs.map((tab) => ({ ...tab, lines: standing.get(tab.info.terminal)?.lastLines ?? [] }))

/** The cards that have every word of `sought` in their name, folder or last lines, in their order. */
export function cardsWith(cards: readonly OverviewCard[], sought: string): readonly OverviewCard[] {
  const words = sought
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return cards
  return cards.filter(({ name, folder, lines }) => {
    const all = [name, folder ?? '', ...lines].join('\n').toLocaleLowerCase()
    return words.every((word) => all.includes(word))
  })
}

/** How many of them wait for their person. */
export const waitingOf = (cards: readonly OverviewCard[]): number =>
  cards.filter(({ state }) => state === 'needs-you').length

/** A step of an arrow key. */
export type Step = 'left' | 'right' | 'up' | 'down'

/**
 * Where an arrow leads in a grid of `count` cards in rows of `columns`, from the card `at`: it stays where there is none.
 * Down in the last full row leads to the last card, so that none is out of reach.
 */
export function stepped(at: number, step: Step, columns: number, count: number): number {
  const by = { left: -1, right: 1, up: -columns, down: columns }[step]
  const to = at + by
  if (to >= 0 && to < count) return to
  const isInLastRow = Math.floor(at / columns) === Math.floor((count - 1) / columns)
  return step === 'down' && !isInLastRow ? count - 1 : at
}
