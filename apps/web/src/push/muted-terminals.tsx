import { type OpenLink, openLinks } from '../link/open-links.ts'
import { book } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { choice, mute } from './push-choice.ts'
import { SwitchRow } from './switch-row.tsx'

/** Every terminal of the machines that are reached, each with a switch. */
export function MutedTerminals() {
  const { push } = useWords()
  const links = useObservable(openLinks)
  const machines = useObservable(book)
  const open = machines.flatMap(({ runnerId, label }) => {
    const link = links.get(runnerId)
    return link === undefined ? [] : [{ runnerId, label, link }]
  })
  return (
    <>
      <h2 class="sect">{push.terminals}</h2>
      <section class="card">
        <ul class="rows opt push-terminals">
          {open.map((each) => (
            <OfMachine key={each.runnerId} {...each} />
          ))}
        </ul>
        <p class="small dim push-no-terminals">{push.noTerminals}</p>
      </section>
    </>
  )
}

function OfMachine(props: { readonly runnerId: string; readonly label: string; readonly link: OpenLink }) {
  const { push, term } = useWords()
  const { runnerId, label, link } = props
  const terminals = useObservable(link.link.terminals)
  const statuses = useObservable(link.status.statuses)
  const muted = useObservable(choice).muted[runnerId] ?? []
  return (
    <>
      {terminals
        .filter(({ exit }) => exit === null)
        .map(({ terminal, name }) => {
          const isMuted = muted.includes(terminal)
          const facts = [isMuted ? push.muted : null, label, statuses.get(terminal)?.folder ?? null]
          return (
            <SwitchRow
              key={terminal}
              title={name || term.unnamed(terminal)}
              text={facts.filter((fact) => fact !== null).join(' · ')}
              on={!isMuted}
              onSwitch={(on) => mute(runnerId, terminal, !on)}
            />
          )
        })}
    </>
  )
}
