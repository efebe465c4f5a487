import type { AppLink } from '@latchkey/connection/app/link'
import { useState } from 'preact/hooks'
import { goPair } from '../places.ts'
import { knownRunner } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { ForgetMachine } from './forget-machine.tsx'
import type { NextStep } from './link-words.ts'

/** The one next step after a refusal or the end of a link. */
export function StepButton(props: {
  readonly link: AppLink
  readonly step: NextStep
  /** the one main button of a page */
  readonly main?: boolean
}) {
  const text = useWords()
  const [asking, setAsking] = useState(false)
  const runnerId = useObservable(props.link.pairing)?.runnerId ?? ''
  const again = () => props.link.reconnectNow()
  const steps: Record<NextStep, readonly [string, () => void]> = {
    again: [text.tryAgain, again],
    'new-pin': [text.seal.newPin, again],
    'take-over': [text.link.goOnHere, again],
    pair: [text.machines.pairAgain, goPair],
    forget: [text.machines.forget, () => setAsking(true)],
    reload: [text.reload, () => location.reload()],
  }
  const [label, run] = steps[props.step]
  return (
    <>
      <button type="button" class={props.main === true ? 'btn primary lg' : 'btn grow'} onClick={run}>
        {label}
      </button>
      {asking ? (
        <ForgetMachine
          runner={knownRunner(runnerId)}
          label={runnerId}
          onForgotten={goPair}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
