import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import type { FrontProps } from '../frame/open-terminal-props.ts'
import { WAY_OUT } from '../keys/pressed-keys.ts'

/** The foot of the desktop's terminal: its size and whose it is, and whether everything typed has arrived. */
export function FootLine(props: FrontProps) {
  const text = useWords()
  const { screen, info, machine, machineName, stale } = props
  const facts = useObservable(screen.facts)
  const { owner } = info
  const label = info.watchers.find((each) => each.app === owner)?.label ?? text.term.anotherApp
  const whose =
    owner === null || owner === machine?.you ? text.term.sizedForWindow : text.term.sizedForOther(label)
  const shell = machine?.shell.split('/').at(-1) ?? ''
  const size = facts.size === null ? '' : `${facts.size.cols} × ${facts.size.rows}`
  return (
    <footer class="foot-line">
      <span class="trunc">{[shell, size, whose].filter((part) => part !== '').join(' · ')}</span>
      <span class="grow" />
      {props.mayType ? <span class="way-out">{text.term.wayOutShort(WAY_OUT)}</span> : null}
      <span data-pending={facts.pendingCount}>
        {facts.pendingCount > 0
          ? text.term.onTheWay(facts.pendingCount)
          : stale
            ? text.term.composeHeld
            : text.term.allReceived(machineName)}
      </span>
    </footer>
  )
}
