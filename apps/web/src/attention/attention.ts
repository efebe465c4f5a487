import type { AppLink } from '@latchkey/connection/app/link'
import { type Subject, subject } from '@latchkey/connection/observable'
import type { Cancel } from '@latchkey/connection/transport'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { setNeedsCount } from '../page-title.ts'
import { knownRunner } from '../runner-book.ts'
import { hasLooked, noteLooked } from './looked.ts'
import { type MachineSeen, type Need, needsOf } from './needs.ts'

/** What needs this page's person, over all machines that it has a link to. */
export const needs: Subject<readonly Need[]> = subject<readonly Need[]>([])

/** The terminals that need their person now. States of a machine without a link are old and do not count. */
export const countOf = (all: readonly Need[]): number =>
  all.filter(({ state, isLive }) => state === 'needs-you' && isLive).length

const isLive = ({ state }: AppLink): boolean =>
  state.current.status === 'live' || state.current.status === 'catching-up'

function seen([runnerId, open]: readonly [string, OpenLink]): MachineSeen {
  const { link, status, questions } = open
  return {
    runnerId,
    label: link.machine.current?.name || (knownRunner(runnerId)?.label ?? ''),
    isLive: isLive(link),
    terminals: link.terminals.current,
    statuses: status.statuses.current,
    questions: questions.questions.current,
  }
}

let isDue = false

/** Several messages often come at once: the list is made once, after them. */
function changed(): void {
  if (isDue) return
  isDue = true
  queueMicrotask(() => {
    isDue = false
    needs.set(needsOf([...openLinks.current].map(seen), hasLooked))
    setNeedsCount(countOf(needs.current))
  })
}

/** Follows every open link for as long as the page lives. */
export function startAttention(): void {
  let ends: Cancel[] = []
  openLinks.subscribe((open) => {
    for (const end of ends) end()
    ends = [...open.values()].flatMap(({ link, status, questions }) => [
      link.state.subscribe(changed),
      link.machine.subscribe(changed),
      link.terminals.subscribe(changed),
      status.statuses.subscribe(changed),
      questions.questions.subscribe(changed),
    ])
    changed()
  })
}

/** A person has this terminal before them: what ended in it is no news any more. */
export function look(runnerId: string, terminal: number): void {
  const open = openLinks.current.get(runnerId)
  const info = open?.link.terminals.current.find((each) => each.terminal === terminal)
  if (open === undefined || info === undefined) return
  const status = open.status.statuses.current.get(terminal)
  const hasEnded = info.exit !== null || status?.state === 'done' || status?.state === 'failed'
  if (hasEnded && noteLooked(runnerId, terminal, status?.sinceMs ?? 0)) changed()
}
