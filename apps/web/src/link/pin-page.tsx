import type { AppLink } from '@latchkey/connection/app/link'
import type { PinWanted } from '@latchkey/connection/app/link-state'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { ownLabel } from '../platform.ts'
import { useClock } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { stopwatch } from '../words/times.ts'
import '../styles/pin-page.css'
import { CountdownRing } from '../parts/countdown-ring.tsx'

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

/** The digits that the machine shows, typed: the proof that nobody stands in between. */
export function PinPage({ link, wanted, checking, wrong, onGiven, onBack }: PinPageProps) {
  const text = useWords()
  const { machine, digits, expiresAtMs, attempt } = wanted
  const [pin, setPin] = useState('')
  const [refused, setRefused] = useState<'incomplete' | 'tried' | null>(null)
  const nowMs = useClock(1_000, !checking)
  const input = useRef<HTMLInputElement>(null)
  const leftMs = Math.max(0, expiresAtMs - nowMs)
  const says = pinSays({ refused, wrong, checking })

  useEffect(() => {
    document.title = `${text.seal.field} · ${machine} · ${text.brand}`
  }, [text, machine])
  useEffect(() => {
    // What was typed stays and is selected: the next digits replace it.
    input.current?.focus()
    input.current?.select()
  }, [attempt, checking])

  const submit = () => {
    if (checking) return
    const refusal =
      pin.length !== digits ? 'incomplete' : link.givePin(pin) === 'typed-before' ? 'tried' : null
    setRefused(refusal)
    if (refusal === null) return onGiven()
    input.current?.focus()
    input.current?.select()
  }
  return (
    <div class="page">
      <header class="bar">
        <button type="button" class="iconbtn" aria-label={text.seal.giveUp} onClick={onBack}>
          <Icon name="back" />
        </button>
        <span class="grow" />
      </header>
      <main class="main task">
        <h1>{text.seal.pinTitle(machine)}</h1>
        <p class="lead">{text.seal.pinLead}</p>
        <form
          class="stack pairing"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <div class="field">
            <label for="pin">{text.seal.field}</label>
            <input
              id="pin"
              ref={input}
              class="input codefield pinfield"
              value={pin}
              inputMode="numeric"
              pattern="[0-9]*"
              maxLength={digits}
              autocomplete="one-time-code"
              enterkeyhint="go"
              readOnly={checking}
              aria-invalid={says !== null}
              aria-describedby={says === null ? 'pin-hint' : 'pin-error pin-hint'}
              onInput={(event) => {
                const field = event.currentTarget
                const typed = field.value.normalize('NFKC').replace(/\D/g, '').slice(0, digits)
                field.value = typed
                setPin(typed)
                setRefused(null)
              }}
            />
            {says === null ? null : (
              <p class="err" id="pin-error" role="alert">
                <Icon name="alert" />
                <span>
                  <b>{SAYS[says](text.seal, machine)[0]}</b> {SAYS[says](text.seal, machine)[1]}
                </span>
              </p>
            )}
            <p class="hint" id="pin-hint">
              <span class={leftMs > SOON_MS ? 'ring' : 'ring warn'}>
                <CountdownRing leftMs={leftMs} ofMs={PIN_MS} />
                {says === null
                  ? text.seal.hint(digits, stopwatch(leftMs))
                  : text.seal.goodFor(stopwatch(leftMs))}
              </span>
            </p>
          </div>
          <button type="submit" class="btn primary lg" aria-disabled={checking || pin.length !== digits}>
            {checking ? text.pair.busy : text.pair.button}
          </button>
        </form>
        <section class="foot">
          <div class="banner">
            <Icon name="laptop" />
            <div>
              <b>{text.seal.onScreen(machine)}</b>
              <p>{text.seal.onScreenText(ownLabel(navigator.userAgent))}</p>
            </div>
          </div>
        </section>
      </main>
    </div>
  )
}

type Says = 'incomplete' | 'tried' | 'wrong' | 'wrong-wait'

const SAYS: Readonly<Record<Says, (seal: Words['seal'], machine: string) => readonly [string, string]>> = {
  incomplete: (seal, machine) => [seal.incomplete, seal.incompleteNext(machine)],
  tried: (seal, machine) => [seal.tried, seal.triedNext(machine)],
  wrong: (seal, machine) => [seal.wrong, seal.wrongNext(machine)],
  'wrong-wait': (seal, machine) => [seal.wrong, seal.wrongWait(machine)],
}

function pinSays(now: {
  readonly refused: 'incomplete' | 'tried' | null
  readonly wrong: boolean
  readonly checking: boolean
}): Says | null {
  if (now.refused !== null) return now.refused
  if (!now.wrong) return null
  return now.checking ? 'wrong-wait' : 'wrong'
}
