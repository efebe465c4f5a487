import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useState } from 'preact/hooks'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import type { Screen } from './screen.ts'

/** Whose size the terminal has, when it is not this window's, and how to show what does not fit. */
export function SizeBar(props: {
  readonly screen: Screen
  readonly info: TerminalInfo
  readonly you: string
  readonly mayType: boolean
  readonly onReader: () => void
}) {
  const text = useObservable(words)
  const { screen, info, you, mayType, onReader } = props
  // Drawn again when the size changes, which decides whether it fits.
  useObservable(screen.facts)
  const [view, setView] = useState<'follow' | 'fit'>('follow')
  if (info.owner === null || info.owner === you || info.exit !== null) return null
  const owner = info.watchers.find((each) => each.app === info.owner)?.label ?? text.term.anotherApp
  const show = (next: 'follow' | 'fit') => {
    setView(next)
    screen.wide(next)
  }
  return (
    <>
      <div class="size-bar">
        <span class="small dim trunc grow">
          {text.term.sizedFor} <b>{owner}</b>, {info.cols} × {info.rows}
        </span>
        {mayType ? (
          <button type="button" class="btn quiet" onClick={() => screen.takeSize()}>
            {text.term.takeSize}
          </button>
        ) : null}
      </div>
      {screen.isWider || view === 'fit' ? (
        <div class="seg wide-seg" role="group" aria-label={text.term.howToShow}>
          <button type="button" aria-pressed={view === 'follow'} onClick={() => show('follow')}>
            {text.term.followCursor}
          </button>
          <button type="button" aria-pressed={view === 'fit'} onClick={() => show('fit')}>
            {text.term.fit}
          </button>
          <button type="button" aria-pressed={false} onClick={onReader}>
            {text.term.reader}
          </button>
        </div>
      ) : null}
    </>
  )
}
