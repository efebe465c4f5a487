import { useEffect, useState } from 'preact/hooks'
import { allowCopies, mayCopy, refuseCopies } from '../../clipboard-leave.ts'
import { Icon } from '../../parts/icon.tsx'
import { copyText } from '../../platform.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { plainText } from '../keys/paste.ts'
import { lineCountOf } from '../screen/clipboard-write.ts'
import type { Screen } from '../screen/screen.ts'

const SHOWN_CHARS_MAX = 2_000
const TOAST_MS = 5_000

interface CopyProps {
  readonly screen: Screen
  readonly name: string
  readonly runner: { readonly runnerId: string }
  readonly machineName: string
  readonly text: string
}

/** Asks once for each machine; Copy is the tap that browsers want before they let a page at the clipboard. */
export function ClipboardQuestion({ screen, name, runner, machineName, text: copied }: CopyProps) {
  const { term } = useWords()
  const [always, setAlways] = useState(true)
  const [refused, setRefused] = useState(false)
  const lines = lineCountOf(copied)
  const copy = async () => {
    if (!(await copyText(copied))) return setRefused(true)
    if (always) allowCopies(runner.runnerId)
    screen.dismiss('copied')
  }
  return (
    <section class="held copying" aria-labelledby="copy-title">
      <h2 id="copy-title">{term.copyTitle(name, lines)}</h2>
      <p class="small dim" role="status">
        {refused ? term.copyRefused : term.copyText(machineName)}
      </p>
      <pre tabIndex={0} role="region" aria-label={term.copyLines}>
        {plainText(copied.slice(0, SHOWN_CHARS_MAX))}
      </pre>
      <label class="copy-always">
        <input
          type="checkbox"
          checked={always}
          onChange={(event) => setAlways(event.currentTarget.checked)}
        />
        {term.copyAlways(machineName)}
      </label>
      <div class="row-btns held-answers">
        <button
          type="button"
          class="btn"
          onClick={() => {
            refuseCopies(runner.runnerId)
            screen.dismiss('copied')
          }}
        >
          {term.copyNot}
        </button>
        <button type="button" class="btn primary" onClick={() => void copy()}>
          {term.copyYes(lines)}
        </button>
      </div>
    </section>
  )
}

/** Where it was allowed: copies, and says so. Where the browser wants a tap for each, the toast is that tap. */
export function CopiedToast({ screen, name, runner, machineName }: Omit<CopyProps, 'text'>) {
  const { term } = useWords()
  const { copied } = useObservable(screen.facts)
  const [done, setDone] = useState<'no' | 'yes' | 'tap'>('no')
  const isAllowed = copied !== null && mayCopy(runner.runnerId) === 'yes'
  useEffect(() => {
    if (copied === null || !isAllowed) return
    setDone('no')
    void copyText(copied.text).then((isCopied) => setDone(isCopied ? 'yes' : 'tap'))
  }, [copied, isAllowed])
  useEffect(() => {
    if (done !== 'yes') return
    const timer = setTimeout(() => screen.dismiss('copied'), TOAST_MS)
    return () => clearTimeout(timer)
  }, [done, copied])
  if (copied === null || !isAllowed || done === 'no') return null
  const lines = lineCountOf(copied.text)
  return (
    <div class="toast copied" role="status">
      <Icon name={done === 'yes' ? 'check' : 'copy'} small />
      {done === 'yes' ? (
        <span>{term.copyDone(name, machineName, lines)}</span>
      ) : (
        <button
          type="button"
          class="btn quiet"
          onClick={() => void copyText(copied.text).then((isCopied) => setDone(isCopied ? 'yes' : 'tap'))}
        >
          {term.copyYes(lines)}
        </button>
      )}
    </div>
  )
}
