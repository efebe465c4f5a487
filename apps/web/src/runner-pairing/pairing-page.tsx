import { useEffect, useRef, useState } from 'preact/hooks'
import { RevokedNotice } from '../device-pairing/revoked-notice.tsx'
import { keep, kept } from '../kept.ts'
import { useMachineCommands } from '../machine-commands.ts'
import { Form } from '../parts/form.tsx'
import { Page, useTitle } from '../parts/page.tsx'
import { selectIn } from '../parts/select-in.ts'
import { goOnTo, goTo } from '../places.ts'
import { book } from '../runner-book.ts'
import { RunnerList } from '../runners/runner-list.tsx'
import { useClock, useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { CodeInput } from './code-input.tsx'
import { LeadsElsewhere, OtherWays } from './other-ways.tsx'
import { type ElsewhereText, ownOrigins, type PairingText, readPairingText } from './pairing-text.ts'
import type { Refused } from './refusal.ts'
import { RefusalNotice } from './refusal-notice.tsx'

/** Everything that talks to the broker; loaded while the code is being typed. */
const loadPairing = () => import('./pair-machine.ts')

/** A ban outlives a reload, as it does at the broker. */
function rememberedBan(): Refused | null {
  const untilMs = Number(kept('ban-until'))
  return untilMs > Date.now() ? { why: 'banned', untilMs } : null
}

const openTerminals = (runnerId: string) => goOnTo({ page: 'terminal', runnerId, terminal: null })

interface PairingPageProps {
  readonly code: string | null
  /** the fragment that the code came with */
  readonly link: string | null
}

/** The page that a code is typed, scanned or pasted into. */
export function PairingPage(given: PairingPageProps) {
  const text = useWords()
  const [scanning, setScanning] = useState(false)
  const [elsewhere, setElsewhere] = useState<{ link: ElsewhereText; how: 'scanned' | 'pasted' } | null>(null)
  const { typed, link, busy, refused, nowMs, banned, input, button, type, fill, submit } = useEntry(given)
  usePreparation()
  useTitle(text.pair.title)

  /** Takes a scanned or pasted text. A code is filled in and not sent, so that it can be compared first. */
  const goOnWith = (read: PairingText, how: 'scanned' | 'pasted') => {
    setScanning(false)
    if (read.kind === 'join') return goTo({ page: 'join', token: read.token })
    if (read.kind === 'share') return goTo({ page: 'guest', link: read.link })
    if (read.kind === 'elsewhere') return setElsewhere({ link: read, how })
    if (read.kind === 'code') fill(read.code, read.link)
  }
  return (
    <Page>
      <h1>{text.pair.title}</h1>
      <p class="lead" aria-live="polite">
        {link === null ? text.pair.lead : text.pair.leadFromLink}
      </p>
      <RevokedNotice />
      <Form class="stack pairing" onSubmit={() => void submit()}>
        <div class="field">
          <label for="code">{text.pair.field}</label>
          <CodeInput
            id="code"
            text={typed}
            invalid={refused?.why === 'incomplete' || refused?.why === 'unknown' || refused?.why === 'ended'}
            waiting={busy}
            describedBy="code-note"
            onText={type}
            onPaste={(pasted) => {
              const read = readPairingText(pasted, ownOrigins())
              const isLink = read.kind === 'code' ? read.link !== null : read.kind !== 'other'
              if (isLink) goOnWith(read, 'pasted')
              return isLink
            }}
            input={input}
          />
          {refused === null ? (
            <p class="hint" id="code-note">
              {text.pair.hint}
            </p>
          ) : (
            <RefusalNotice id="code-note" refused={refused} nowMs={nowMs} hasCode={typed !== ''} />
          )}
        </div>
        <button ref={button} type="submit" class="btn primary lg" aria-disabled={busy || banned}>
          {busy ? text.pair.busy : text.pair.button}
        </button>
        <OtherWays scanning={scanning} onScanning={setScanning} onRead={goOnWith} />
      </Form>
      {elsewhere === null ? null : (
        <LeadsElsewhere
          link={elsewhere.link}
          onClose={() => {
            setElsewhere(null)
            setScanning(elsewhere.how === 'scanned')
          }}
        />
      )}
      <Foot />
    </Page>
  )
}

/** The code in the field, and the attempt to pair with it. */
function useEntry(given: PairingPageProps) {
  const [typed, setTyped] = useState(given.code ?? '')
  const [link, setLink] = useState(given.link)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<Refused | null>(rememberedBan)
  const nowMs = useClock(1_000, refused?.why === 'banned')
  const banned = refused?.why === 'banned' && refused.untilMs > nowMs
  const input = useRef<HTMLInputElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const [filled, setFilled] = useState(0)
  // After a sheet has gone, which gives the focus back to what opened it.
  useEffect(() => {
    if (filled > 0) button.current?.focus()
  }, [filled])
  const type = (next: string) => {
    setTyped(next)
    if (!banned) setRefused(null)
  }
  const fill = (code: string, fragment: string | null) => {
    if (busy) return
    type(code)
    setLink(fragment)
    setFilled((count) => count + 1)
  }
  const submit = async () => {
    if (busy || banned) return
    setBusy(true)
    setRefused(null)
    const { pairMachine, whilePairing } = await loadPairing()
    const result = await whilePairing(() => pairMachine(typed, link, Date.now))
    setBusy(false)
    if (result.ok) return openTerminals(result.runnerId)
    setRefused(result.refused)
    if (result.refused.why === 'banned') keep('ban-until', String(result.refused.untilMs))
    selectIn(input)
  }
  return { typed, link, busy, refused, nowMs, banned, input, button, type, fill, submit }
}

/** The machines that were paired last, or where a code comes from. */
function Foot() {
  const text = useWords()
  const commands = useMachineCommands()
  const machines = useObservable(book)
  return (
    <section class="foot">
      {machines.length > 0 ? (
        <>
          <h2 class="meta foot-title">{text.pair.openAgain}</h2>
          <RunnerList machines={machines.slice(0, 3)} />
        </>
      ) : (
        <p class="small dim">
          {text.pair.where} <code class="mono command">{commands.start}</code>
        </p>
      )}
    </section>
  )
}

/** Loads and connects while the person still types, and goes on with a pairing whose answer an earlier page missed. */
function usePreparation(): void {
  useEffect(() => {
    let stop = () => {}
    let left = false
    void loadPairing().then(({ onFoundPaired }) => {
      if (!left) stop = onFoundPaired(openTerminals)
    })
    // The emulator is the largest part; it is wanted within a second of the last tap.
    void import('../terminal/terminal-page.tsx')
    return () => {
      left = true
      stop()
    }
  }, [])
}
