import type { AppLink } from '@latchkey/connection/app/link'
import type { MadeShare, ShareFeature } from '@latchkey/connection/app/share-feature'
import { subject } from '@latchkey/connection/observable'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { ListedShare } from '@latchkey/protocol/terminal/shares'
import { useState } from 'preact/hooks'
import '../styles/sharing.css'
import { openLinks } from '../link/open-links.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { SegmentsField } from '../parts/fields.tsx'
import { Icon } from '../parts/icon.tsx'
import { copyText } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { moment, span } from '../words/times.ts'

const NO_SHARES = subject<readonly ListedShare[] | null>(null)
const HOUR_MS = 3_600_000
const LIVES_MS = [HOUR_MS / 4, HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS]
const BROWSERS = [1, 2, 4, 16]

/** The share links of this link's machine; null where this app may not make any. */
export function useShares(link: AppLink): ShareFeature | null {
  const open = [...useObservable(openLinks).values()].find((each) => each.link === link)
  return useObservable(open?.shares.shares ?? NO_SHARES) === null ? null : (open?.shares ?? null)
}

interface ShareSheetProps {
  readonly shares: ShareFeature
  readonly terminals: readonly TerminalInfo[]
  readonly terminal: number
  readonly name: string
  readonly machine: string
  readonly onClose: () => void
}

/** Makes a link to one terminal, and lists and ends the links of the machine. */
export function ShareSheet({ shares, terminals, terminal, name, machine, onClose }: ShareSheetProps) {
  const { share: text } = useWords()
  const [made, setMade] = useState<{ readonly fragment: string; readonly endsAtMs: number } | null>(null)
  return (
    <Dialog title={text.title(name)} onClose={onClose}>
      {made === null ? (
        <NewLink shares={shares} terminal={terminal} machine={machine} onMade={setMade} />
      ) : (
        <MadeLink {...made} />
      )}
      <OpenLinks shares={shares} terminals={terminals} />
    </Dialog>
  )
}

function NewLink(props: {
  readonly shares: ShareFeature
  readonly terminal: number
  readonly machine: string
  readonly onMade: (made: { readonly fragment: string; readonly endsAtMs: number }) => void
}) {
  const words = useWords()
  const { share: text } = words
  const [mayType, setMayType] = useState(false)
  const [history, setHistory] = useState(false)
  const [forMs, setForMs] = useState(HOUR_MS)
  const [guestsMax, setGuestsMax] = useState(1)
  const [state, setState] = useState<'asking' | 'making' | Extract<MadeShare, { readonly ok: false }>>(
    'asking',
  )
  const make = async () => {
    if (state === 'making') return
    setState('making')
    const { terminal } = props
    const made = await props.shares.make({ terminal, mayType, history, forMs, guestsMax })
    if (made.ok) props.onMade({ fragment: made.fragment, endsAtMs: Date.now() + forMs })
    else setState(made)
  }
  const failed = typeof state === 'string' ? null : state.message
  return (
    <div class="stack">
      <p class="dim">{text.lead}</p>
      <SegmentsField
        label={text.may}
        chosen={mayType}
        all={[
          [false, text.watch],
          [true, text.type],
        ]}
        onChoose={setMayType}
      />
      {mayType ? <p class="small warn-text">{text.typeWarns(props.machine)}</p> : null}
      <SegmentsField
        label={text.until}
        chosen={forMs}
        all={LIVES_MS.map((ms) => [ms, span(ms, words)])}
        onChoose={setForMs}
      />
      <SegmentsField
        label={text.browsers}
        chosen={guestsMax}
        all={BROWSERS.map((count) => [count, String(count)])}
        onChoose={setGuestsMax}
      />
      <label class="share-history">
        <input
          type="checkbox"
          checked={history}
          onChange={({ currentTarget }) => setHistory(currentTarget.checked)}
        />
        <span class="grow">
          {text.history}
          <span class="d">{text.historyText}</span>
        </span>
      </label>
      {failed === null ? null : <ErrorLine says={`${text.failed} ${failed || text.failedNext}`} />}
      <button type="button" class="btn primary lg" aria-busy={state === 'making'} onClick={() => void make()}>
        {state === 'making' ? text.making : text.make}
      </button>
    </div>
  )
}

/** The link, once: to copy, or to hand to the system's own sheet. */
function MadeLink({ fragment, endsAtMs }: { readonly fragment: string; readonly endsAtMs: number }) {
  const words = useWords()
  const { share: text } = words
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no')
  const url = `${location.origin}/s#${fragment}`
  const maySend = typeof navigator.share === 'function'
  return (
    <div class="stack">
      <div class="field">
        <label for="share-url">{text.made}</label>
        <input
          id="share-url"
          class="input mono"
          readOnly
          value={url}
          data-first
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      </div>
      <p class="small dim" role="status">
        {copied === 'refused' ? text.selectIt : text.madeText(moment(endsAtMs, Date.now(), words))}
      </p>
      <div class="row-btns">
        {maySend ? (
          <button type="button" class="btn" onClick={() => void navigator.share({ url }).catch(() => {})}>
            {text.send}
          </button>
        ) : null}
        <button
          type="button"
          class="btn primary"
          onClick={() => void copyText(url).then((done) => setCopied(done ? 'yes' : 'refused'))}
        >
          <Icon name={copied === 'yes' ? 'check' : 'copy'} />
          {copied === 'yes' ? text.copied : text.copy}
        </button>
      </div>
    </div>
  )
}

function OpenLinks(props: { readonly shares: ShareFeature; readonly terminals: readonly TerminalInfo[] }) {
  const words = useWords()
  const { share: text } = words
  const open = useObservable(props.shares.shares) ?? []
  if (open.length === 0) return null
  return (
    <section aria-labelledby="open-shares">
      <h3 id="open-shares" class="sect">
        {text.open}
      </h3>
      <ul class="rows share-rows">
        {open.map((each) => {
          const { share, terminal, mayType, guests, guestsMax, endsAt } = each
          const name = props.terminals.find((info) => info.terminal === terminal)?.name ?? String(terminal)
          const here = guests.filter((guest) => guest.here).map(({ label }) => label)
          return (
            <li key={share}>
              <div class="grow">
                <div class="t">{text.ofTerminal(name)}</div>
                <div class="d">
                  {text.facts(mayType, guests.length, guestsMax, moment(endsAt, Date.now(), words))}
                </div>
                {here.length === 0 ? null : <div class="d">{text.here(here.join(', '))}</div>}
              </div>
              <button
                type="button"
                class="btn danger"
                aria-label={text.endOne(name)}
                onClick={() => props.shares.end(share)}
              >
                {text.end}
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
