import { useEffect, useRef, useState } from 'preact/hooks'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { needs } from './attention.ts'
import { nameOfNeed } from './need-row.tsx'

/** Tells a screen reader of a terminal that begins to need its person; not of one that no longer does. */
export function NeedsVoice() {
  const text = useWords()
  const all = useObservable(needs)
  const known = useRef<ReadonlySet<string>>(new Set())
  const [said, setSaid] = useState('')
  useEffect(() => {
    const now = all.filter(({ state, isLive }) => state === 'needs-you' && isLive)
    const keyOf = ({ runnerId, terminal }: (typeof now)[number]) => `${runnerId} ${terminal}`
    const fresh = now.filter((need) => !known.current.has(keyOf(need)))
    known.current = new Set(now.map(keyOf))
    const [first] = fresh
    if (first !== undefined)
      setSaid(text.attention.grown(nameOfNeed(first, text.term.unnamed), first.machine))
  }, [all])
  return (
    <p class="vh" role="status">
      {said}
    </p>
  )
}
