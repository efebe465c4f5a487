import type { AppLink } from '@latchkey/connection/app/link'
import type { TerminalStatus } from '@latchkey/connection/app/status-feature'
import { subject } from '@latchkey/connection/observable'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useEffect } from 'preact/hooks'
import { openLinks } from '../link/open-links.ts'
import { drawnTheme } from '../theme.ts'
import { useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { look, needs } from './attention.ts'
import { type Need, titleOf } from './needs.ts'

const NO_STATUSES = subject<ReadonlyMap<number, TerminalStatus>>(new Map())

/** How the terminals of one machine stand, by their numbers. */
export function useNeeds(runnerId: string): ReadonlyMap<number, Need> {
  const all = useObservable(needs)
  return new Map(all.flatMap((need) => (need.runnerId === runnerId ? [[need.terminal, need] as const] : [])))
}

/** A terminal's name on the page: a person's for it, else what its program says, else its number. */
export const nameIn = (
  standing: ReadonlyMap<number, Need>,
  info: Pick<TerminalInfo, 'name' | 'terminal'>,
  text: Words,
): string =>
  standing.get(info.terminal)?.title || titleOf(info, undefined) || text.term.unnamed(info.terminal)

/** What runs in a terminal: the name of its foreground process, null where the machine does not tell, and its title. */
export function useProgram(
  runnerId: string,
  terminal: number,
): { readonly program: string | null; readonly title: string } {
  const open = useObservable(openLinks).get(runnerId)
  const status = useObservable(open?.status.statuses ?? NO_STATUSES).get(terminal)
  return { program: status?.program ?? null, title: status?.title ?? '' }
}

/** Tells the machine which terminal a person has before them, and marks its end as looked at. */
export function useFront(runnerId: string, terminal: number | null): void {
  const need = useNeeds(runnerId).get(terminal ?? -1)
  const open = useObservable(openLinks).get(runnerId)
  const theme = useObservable(drawnTheme)
  useEffect(() => {
    if (open === undefined) return
    const tell = () => {
      const inFront = document.hidden ? null : terminal
      open.status.front(inFront, theme)
      if (inFront !== null) look(runnerId, inFront)
    }
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [open, terminal, theme, need?.state, need?.sinceMs])
  useEffect(() => () => openLinks.current.get(runnerId)?.status.front(null), [runnerId])
}

/** Lets new shells of the machine tell of their commands; null where that was decided, or is not known here. */
export function useIntegration(link: AppLink, terminal: number | null): (() => void) | null {
  const open = [...useObservable(openLinks).values()].find((each) => each.link === link)
  const statuses = useObservable(open?.status.statuses ?? NO_STATUSES)
  if (open === undefined || statuses.get(terminal ?? -1)?.integration !== 'ask') return null
  return () => open.status.integrate(true)
}
