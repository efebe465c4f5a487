import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useState } from 'preact/hooks'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import type { Screen } from '../screen/screen.ts'

interface SizeProps {
  readonly screen: Screen
  readonly info: TerminalInfo
  readonly you: string
}

/** Whether another app decides the size, so that this window may show a part only. */
const isForeign = ({ info, you }: SizeProps): boolean =>
  info.owner !== null && info.owner !== you && info.exit === null

/** Whose size the terminal has, when it is not this window's. */
export function SizeBar(props: SizeProps & { readonly mayType: boolean }) {
  const text = useWords()
  const { screen, info, mayType } = props
  if (!isForeign(props)) return null
  const owner = info.watchers.find((each) => each.app === info.owner)?.label ?? text.term.anotherApp
  return (
    <div class="size-bar">
      <span class="small dim whose">
        <span>{text.term.sizedFor}</span> <b class="trunc">{owner}</b>
        <span class="num">
          {info.cols} × {info.rows}
        </span>
      </span>
      {mayType ? (
        <button type="button" class="btn quiet" onClick={() => screen.takeSize()}>
          {text.term.takeSize}
        </button>
      ) : null}
    </div>
  )
}

/** How to show a screen that does not fit. */
export function WideChoice(props: SizeProps & { readonly onReader: () => void }) {
  const text = useWords()
  const { screen, onReader } = props
  // Drawn again when the size changes, which decides whether it fits.
  useObservable(screen.facts)
  const [view, setView] = useState<'follow' | 'fit'>('follow')
  if (!isForeign(props) || !(screen.isWider || view === 'fit')) return null
  const show = (next: 'follow' | 'fit') => {
    setView(next)
    screen.wide(next)
  }
  return (
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
  )
}
