import { consentReply, type PairingView, userCodeHash } from '@latchkey/protocol/device-pairing'
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Banner, ErrorLine } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Form } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { selectIn } from '../parts/select-in.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { MAY_BRING, mayFields } from './device-may.ts'
import { DeviceMayChoice } from './device-may-choice.tsx'
import { groupedUserCode, isUserCode } from './user-code.ts'

type Refusal = 'unknown' | 'no-answer' | 'full'

type Standing =
  | { readonly status: 'asking'; readonly refusal: Refusal | null }
  | { readonly status: 'sending' }
  | { readonly status: 'answered'; readonly approve: boolean; readonly name: string }

/** The machines that asked without a pairing URL, and wait for the operator. */
export const waitingForConsent = (pairings: readonly PairingView[]): readonly PairingView[] =>
  pairings.filter(({ method, status }) => method === 'consent' && status === 'connected')

/**
 * Lets a machine join that asked without a pairing URL. The operator compares the code that it shows. Declining is the
 * first answer, since the address of this page may have come from a stranger.
 */
export function ApproveDevice(props: {
  readonly pairings: readonly PairingView[]
  readonly serverTime: number
  /** from the address, or empty */
  readonly code: string
  readonly onClose: () => void
}) {
  const text = useWords()
  const { pairings, serverTime, code, onClose } = props
  const [typed, setTyped] = useState(() => groupedUserCode(code))
  const [may, setMay] = useState(MAY_BRING)
  const [standing, setStanding] = useState<Standing>({ status: 'asking', refusal: null })
  const input = useRef<HTMLInputElement>(null)
  const decline = useRef<HTMLButtonElement>(null)
  useEffect(() => (isUserCode(typed) ? decline.current?.focus() : input.current?.focus()), [])
  const waiting = waitingForConsent(pairings)
  // A whole code names one request. All others would only invite to compare with the wrong one.
  const shown = isUserCode(typed)
    ? waiting.filter((each) => each.userCodeHash === userCodeHash(typed))
    : waiting
  const answer = async (approve: boolean) => {
    if (standing.status === 'sending') return
    if (!isUserCode(typed)) {
      setStanding({ status: 'asking', refusal: 'unknown' })
      return input.current?.focus()
    }
    const chosen = mayFields(may)
    if (approve && chosen === null) return
    setStanding({ status: 'sending' })
    const said = { user_code: typed, approve, ...(approve ? chosen : {}) }
    const given = await asked(consentReply, 'POST', '/pairing/consent', said)
    if (given.ok) {
      const name = waiting.find(({ id }) => id === given.value.id)?.device?.name ?? typed
      return setStanding({ status: 'answered', approve, name })
    }
    const refusal = given.code === null ? 'no-answer' : given.code === 'DEVICE_LIMIT' ? 'full' : 'unknown'
    setStanding({ status: 'asking', refusal })
    selectIn(input)
  }
  if (standing.status === 'answered') return <Answered {...standing} onClose={onClose} />
  return (
    <Dialog title={text.devices.approve} onClose={onClose}>
      <p class="dim">{text.devices.approveLead}</p>
      <ul class="askers">
        {shown.map(({ id, device, startedAt }) => (
          <li key={id}>
            <Banner
              icon="server"
              says={[
                text.devices.asks(device?.name ?? ''),
                `${text.devices.asksFrom(device?.address ?? '', moment(startedAt, serverTime, text))} ${text.devices.asksText}`,
              ]}
            />
          </li>
        ))}
      </ul>
      <Form onSubmit={() => void answer(true)}>
        <CodeField
          typed={typed}
          busy={standing.status === 'sending'}
          refusal={standing.status === 'asking' ? standing.refusal : null}
          input={input}
          onTyped={(next) => {
            setTyped(next)
            setStanding({ status: 'asking', refusal: null })
          }}
        />
        <DeviceMayChoice may={may} onMay={setMay} />
        {mayFields(may) === null ? <p class="hint small">{text.fleet.chooseOne}</p> : null}
        <div class="row-btns answers">
          <button ref={decline} type="button" class="btn" onClick={() => void answer(false)}>
            {text.devices.decline}
          </button>
          <button
            type="submit"
            class="btn primary"
            aria-disabled={!isUserCode(typed) || mayFields(may) === null}
          >
            {text.devices.allow}
          </button>
        </div>
      </Form>
    </Dialog>
  )
}

function CodeField(props: {
  readonly typed: string
  readonly busy: boolean
  readonly refusal: Refusal | null
  readonly input: RefObject<HTMLInputElement | null>
  readonly onTyped: (typed: string) => void
}) {
  const { devices } = useWords()
  const { typed, busy, refusal, input, onTyped } = props
  const said = {
    unknown: [devices.codeUnknown, devices.codeUnknownNext],
    full: devices.pinRefused.full,
    'no-answer': [devices.pinRefused['no-answer'][0], ''],
  } as const
  return (
    <div class="field">
      <label for="user-code">{devices.code}</label>
      <input
        id="user-code"
        ref={input}
        class="input codefield"
        value={typed}
        placeholder="XXXX-XXXX"
        autocapitalize="characters"
        autocorrect="off"
        spellcheck={false}
        autocomplete="off"
        enterkeyhint="done"
        readOnly={busy}
        aria-invalid={refusal !== null}
        aria-describedby="user-code-note"
        onInput={(event) => {
          const field = event.currentTarget
          field.value = groupedUserCode(field.value)
          onTyped(field.value)
        }}
      />
      {refusal === null ? (
        <p class="hint" id="user-code-note">
          {devices.codeHint}
        </p>
      ) : (
        <ErrorLine id="user-code-note" says={said[refusal]} />
      )}
    </div>
  )
}

function Answered(props: { readonly approve: boolean; readonly name: string; readonly onClose: () => void }) {
  const { devices } = useWords()
  const { approve, name, onClose } = props
  return (
    <Dialog title={devices.approve} onClose={onClose}>
      <div class={approve ? 'banner ok' : 'banner'} role="status">
        <Icon name={approve ? 'check' : 'cross'} />
        <b>{approve ? devices.approved(name) : devices.declined(name)}</b>
      </div>
      <button type="button" class="btn primary lg" data-first onClick={onClose}>
        {devices.done}
      </button>
    </Dialog>
  )
}
