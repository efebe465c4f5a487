import { useState } from 'preact/hooks'
import { askAboutCopies, mayCopy } from '../clipboard-leave.ts'
import { ForgetMachine } from '../link/forget-machine.tsx'
import { runnerWords } from '../link/runner-words.ts'
import { SealMark } from '../link/seal-mark.tsx'
import { useLink, useLinkState, useTerminals } from '../link/use-links.ts'
import { Row } from '../parts/card.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { MenuItem, MenuSheet } from '../parts/menu-sheet.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import { goPair } from '../places.ts'
import type { KnownRunner } from '../runner-book.ts'
import { useWords } from '../words/language.ts'

/** The machines this browser knows; a row opens, its dots offer the rest. */
export const RunnerList = ({ machines }: { readonly machines: readonly KnownRunner[] }) => (
  <div class="card">
    <ul class="rows">
      {machines.map((runner) => (
        <RunnerRow key={runner.runnerId} runner={runner} />
      ))}
    </ul>
  </div>
)

function RunnerRow({ runner }: { readonly runner: KnownRunner }) {
  const text = useWords()
  const link = useLink(runner)
  const state = useLinkState(link)
  const terminals = useTerminals(link)
  const [asking, setAsking] = useState<'no' | 'menu' | 'forget'>('no')
  const { dot, facts, online } = runnerWords(state, terminals.length, Date.now(), text)
  const gone = state.status === 'ended' && (state.reason === 'unpaired' || state.reason === 'not-a-node')
  const askCopies = () => {
    askAboutCopies(runner.runnerId)
    setAsking('no')
  }
  const target = { page: 'terminal', runnerId: runner.runnerId, terminal: null } as const
  return (
    <Row
      icon="server"
      dot={dot}
      name={
        <>
          <PlaceLink class="trunc" to={target} {...(gone ? { onGo: goPair } : {})}>
            {runner.label}
          </PlaceLink>
          {online ? <SealMark link={link} badge /> : null}
        </>
      }
      facts={facts}
    >
      <IconButton icon="menu" label={text.machines.more(runner.label)} onClick={() => setAsking('menu')} />
      {asking === 'menu' ? (
        <MenuSheet title={runner.label} onClose={() => setAsking('no')}>
          {gone ? <MenuItem icon="plus" label={text.machines.pairAgain} onPick={goPair} /> : null}
          {mayCopy(runner.runnerId) === 'ask' ? null : (
            <MenuItem icon="clipboard" label={text.term.copyAskAgain} onPick={askCopies} />
          )}
          <MenuItem icon="bin" label={text.machines.forget} danger onPick={() => setAsking('forget')} />
        </MenuSheet>
      ) : null}
      {asking === 'forget' ? (
        <ForgetMachine runner={runner} label={runner.label} onClose={() => setAsking('no')} />
      ) : null}
    </Row>
  )
}
