import { useEffect, useRef } from 'preact/hooks'
import { useWords } from '../../words/language.ts'
import { span } from '../../words/times.ts'
import { keysOf } from '../screen/pending.ts'
import type { Screen } from '../screen/screen.ts'
import type { ScreenFacts } from '../screen/screen-facts.ts'

/** Asks before old input is sent: the screen it was meant for may be another one by now. */
export function HeldInput(props: {
  readonly screen: Screen
  readonly held: NonNullable<ScreenFacts['held']>
  readonly secret: boolean
  readonly machine: string
}) {
  const text = useWords()
  const { screen, held, secret, machine } = props
  const discard = useRef<HTMLButtonElement>(null)
  useEffect(() => discard.current?.focus(), [])
  const keys = keysOf(held.bytes())
  return (
    <section class="held" role="alertdialog" aria-labelledby="held-title" aria-describedby="held-text">
      <h2 id="held-title">{text.term.held}</h2>
      <p id="held-text" class="small dim">
        {text.term.heldText(span(Date.now() - held.sinceMs, text), machine)}
      </p>
      <pre tabIndex={0}>
        {secret ? text.term.heldHidden(keys.length) : keys.join('').replaceAll('⏎', ' ⏎\n').trimEnd()}
      </pre>
      <div class="row-btns held-answers">
        <button type="button" class="btn" ref={discard} onClick={() => screen.discardHeld()}>
          {text.term.discard}
        </button>
        <button type="button" class="btn primary" onClick={() => screen.sendHeld()}>
          {text.term.sendTo(machine)}
        </button>
      </div>
    </section>
  )
}
