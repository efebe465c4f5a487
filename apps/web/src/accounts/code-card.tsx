import { shownAccountCode } from '@latchkey/domain/accounts/code'
import { type AcceptedPhone, judgePhone } from '@latchkey/domain/accounts/phone'
import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import type { AccountState } from '@latchkey/protocol/accounts'
import { useId, useState } from 'preact/hooks'
import { ErrorLine } from '../parts/banner.tsx'
import { Form } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { TimeLeft } from '../parts/time-left.tsx'
import { copyText } from '../platform.ts'
import { useClock } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { stopwatch } from '../words/times.ts'
import type { AccountProps } from './account-props.ts'
import { CONSENT_WORDING } from './consent.tsx'
import { groupedPhone, readPhone } from './read-phone.ts'
import { WaSteps } from './wa-steps.tsx'

const CODE_LIFE_MS = 180_000
const SOON_MS = 30_000

/** A number, that it is the right one, then the code: one question at a time. */
export function CodeCard({ view, state, link }: AccountProps) {
  const { code } = state
  if (code !== null) return <Shown code={code} view={view} link={link} />
  return <Asking view={view} state={state} link={link} />
}

function Asking({ view, state, link }: AccountProps) {
  const text = useWords()
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<AccountReason | null>(null)
  const [found, setFound] = useState<AcceptedPhone | null>(null)
  const field = useId()
  const isComing = view.waitingFor === 'code'
  const judge = () => {
    const judged = judgePhone(typed, state.region, readPhone)
    setWrong(judged.ok ? null : judged.refusal)
    setFound(judged.ok ? judged.value : null)
  }
  if (found !== null && !isComing)
    return (
      <Confirm
        found={found}
        onYes={() => link.requestCode(found.number, CONSENT_WORDING)}
        onChange={() => setFound(null)}
      />
    )
  return (
    <Form onSubmit={judge}>
      <h2>{text.linking.codeTitle}</h2>
      <p class="small dim">{text.linking.codeLead}</p>
      <div class="field">
        <label for={field}>{text.linking.phone}</label>
        <input
          id={field}
          class="input"
          type="tel"
          autocomplete="tel"
          value={typed}
          disabled={isComing}
          aria-invalid={wrong !== null}
          aria-describedby={`${field}-hint`}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <div id={`${field}-hint`} role={wrong === null ? undefined : 'alert'}>
          {wrong === null ? <p class="hint">{text.linking.phoneHint}</p> : <Wrong reason={wrong} />}
        </div>
      </div>
      <button type="submit" class="btn block wa-ask" disabled={isComing}>
        {isComing ? text.linking.gettingCode : text.linking.getCode}
      </button>
      {isComing ? (
        <button type="button" class="btn quiet block" onClick={() => link.cancel()}>
          {text.cancel}
        </button>
      ) : null}
    </Form>
  )
}

function Wrong({ reason }: { readonly reason: AccountReason }) {
  const text = useWords()
  return <ErrorLine role={undefined} data-reason={reason} says={text.linking.trouble[reason]} />
}

function Confirm(given: {
  readonly found: AcceptedPhone
  readonly onYes: () => void
  readonly onChange: () => void
}) {
  const { found, onYes, onChange } = given
  const text = useWords()
  const country = found.country === null ? null : countryName(found.country, text.tag)
  return (
    <>
      <h2>{text.linking.isThisIt}</h2>
      <p class="wa-number" role="status">
        {found.international}
        {country === null ? null : <span class="dim">, {country}</span>}
      </p>
      {found.hint === null ? null : (
        <p class="hint">{found.hint === 'unusual' ? text.linking.hintUnusual : text.linking.hintFixed}</p>
      )}
      <button type="button" class="btn primary block" onClick={onYes}>
        {text.linking.yesGetCode}
      </button>
      <button type="button" class="btn quiet block" onClick={onChange}>
        {text.linking.changeNumber}
      </button>
    </>
  )
}

/** The country in the page's language; its letters where the browser knows no name. */
function countryName(country: string, tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: 'region' }).of(country) ?? country
  } catch {
    return country
  }
}

function Shown({
  code,
  view,
  link,
}: Omit<AccountProps, 'state'> & { readonly code: NonNullable<AccountState['code']> }) {
  const text = useWords()
  const [copied, setCopied] = useState(false)
  const nowMs = useClock(1_000, true) + view.clockOffsetMs
  const leftMs = Math.max(0, code.expiresAt - nowMs)
  const said = `${[...code.code.slice(0, 4)].join(' ')}, ${[...code.code.slice(4)].join(' ')}`
  return (
    <>
      <h2>{text.linking.codeShownTitle}</h2>
      <p class="meta">{text.linking.codeFor(groupedPhone(code.phoneNumber))}</p>
      <p class="wa-code" role="status" data-code={code.code}>
        <span class="vh">{text.linking.codeSaid(said)}</span>
        <span class="mono" aria-hidden="true">
          {shownAccountCode(code.code)}
        </span>
      </p>
      <div class="wa-row">
        <CodeTimeLeft leftMs={leftMs} />
        <button type="button" class="btn quiet" onClick={() => void copyText(code.code).then(setCopied)}>
          <Icon name="copy" />
          {copied ? text.copied : text.copy}
        </button>
      </div>
      <WaSteps steps={text.linking.codeSteps} />
      <p class="small dim wa-note">{text.linking.noNotification}</p>
      <p class={code.isDoubtful ? 'banner warn' : 'wa-wait small dim'} role="status">
        {code.isDoubtful ? text.linking.doubtful : text.linking.waiting}
      </p>
      <div class="wa-row">
        <button
          type="button"
          class="btn quiet"
          disabled={nowMs < code.renewableAt}
          onClick={() => link.requestCode(code.phoneNumber, CONSENT_WORDING)}
        >
          {text.linking.newCode}
        </button>
        <button type="button" class="btn quiet" onClick={() => link.cancel()}>
          {text.cancel}
        </button>
      </div>
    </>
  )
}

/** How long a code is good, by this page's clock: after its end it is not shown as good, even before the broker says so. */
function CodeTimeLeft({ leftMs }: { readonly leftMs: number }) {
  const text = useWords()
  if (leftMs === 0) return <span class="small">{text.linking.codeOver}</span>
  return (
    <TimeLeft leftMs={leftMs} ofMs={CODE_LIFE_MS} soonMs={SOON_MS}>
      {text.linking.goodFor(stopwatch(leftMs))}
    </TimeLeft>
  )
}
