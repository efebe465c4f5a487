import type { AppLink } from '@latchkey/connection/app/link'
import type { PinWanted } from '@latchkey/connection/app/link-state'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Banner } from '../parts/banner.tsx'
import { DigitsField } from '../parts/digits-field.tsx'
import { Form } from '../parts/form.tsx'
import { BackBar, Page, useTitle } from '../parts/page.tsx'
import { selectIn } from '../parts/select-in.ts'
import { TimeLeft } from '../parts/time-left.tsx'
import { ownLabel } from '../platform.ts'
import { useClock } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import type { Says } from '../words/says.ts'
import { stopwatch } from '../words/times.ts'

/** The ring is full at this much; the text beside it is the truth. */
const PIN_MS = 120_000
const SOON_MS = 20_000

interface PinPageProps {
  readonly link: AppLink
  readonly wanted: PinWanted
  /** a PIN is being tried, or the machine is making a new one */
  readonly checking: boolean
  /** the PIN before did not match */
  readonly wrong: boolean
  readonly onGiven: () => void
  readonly onBack: () => void
}

/** Asks for the digits that the machine shows. They prove that the connection is not intercepted. */
export function PinPage({ link, wanted, checking, wrong, onGiven, onBack }: PinPageProps) {
  const text = useWords()
  const { machine, digits, expiresAtMs, attempt } = wanted
  const [pin, setPin] = useState('')
  const [refused, setRefused] = useState<'incomplete' | 'tried' | null>(null)
  const nowMs = useClock(1_000, !checking)
  const input = useRef<HTMLInputElement>(null)
  const leftMs = Math.max(0, expiresAtMs - nowMs)
  const says = pinSays({ refused, wrong, checking }, text.seal, machine)

  useTitle(`${text.seal.field} · ${machine}`)
  useEffect(() => selectIn(input), [attempt, checking])
  const submit = () => {
    if (checking) return
    const refusal =
      pin.length !== digits ? 'incomplete' : link.givePin(pin) === 'typed-before' ? 'tried' : null
    setRefused(refusal)
    if (refusal === null) onGiven()
    else selectIn(input)
  }
  return (
    <Page bar={<BackBar label={text.seal.giveUp} onBack={onBack} />}>
      <h1>{text.seal.pinTitle(machine)}</h1>
      <p class="lead">{text.seal.pinLead}</p>
      <Form class="stack pairing" onSubmit={submit}>
        <DigitsField
          id="pin"
          label={text.seal.field}
          digits={digits}
          value={pin}
          says={says}
          busy={checking}
          hint="pin-hint"
          input={input}
          onDigits={(typed) => {
            setPin(typed)
            setRefused(null)
          }}
        >
          <p class="hint" id="pin-hint">
            <TimeLeft leftMs={leftMs} ofMs={PIN_MS} soonMs={SOON_MS}>
              {says === null
                ? text.seal.hint(digits, stopwatch(leftMs))
                : text.seal.goodFor(stopwatch(leftMs))}
            </TimeLeft>
          </p>
        </DigitsField>
        <button type="submit" class="btn primary lg" aria-disabled={checking || pin.length !== digits}>
          {checking ? text.pair.busy : text.pair.button}
        </button>
      </Form>
      <section class="foot">
        <Banner
          icon="laptop"
          says={[text.seal.onScreen(machine), text.seal.onScreenText(ownLabel(navigator.userAgent))]}
        />
      </section>
    </Page>
  )
}

function pinSays(
  now: {
    readonly refused: 'incomplete' | 'tried' | null
    readonly wrong: boolean
    readonly checking: boolean
  },
  seal: Words['seal'],
  machine: string,
): Says | null {
  if (now.refused === 'incomplete') return [seal.incomplete, seal.incompleteNext(machine)]
  if (now.refused === 'tried') return [seal.tried, seal.triedNext(machine)]
  if (!now.wrong) return null
  return [seal.wrong, now.checking ? seal.wrongWait(machine) : seal.wrongNext(machine)]
}
