import { openLinks } from '../link/open-links.ts'
import { stayAs } from '../places.ts'
import { useClock, useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { StateMark } from './state-mark.tsx'
import { roughSpan } from './times-left.ts'
import { useNeeds } from './use-needs.ts'

/** Above the keys of a terminal whose agent asks: it opens the question, and decides nothing. */
export function CallBar({ runnerId, terminal }: { readonly runnerId: string; readonly terminal: number }) {
  const text = useWords()
  const { attention } = text
  const need = useNeeds(runnerId).get(terminal)
  const isOffered = useObservable(openLinks).has(runnerId)
  const [first] = need?.questions ?? []
  const expiresAtMs = first?.question.expiresAtMs ?? null
  const nowMs = useClock(1_000, expiresAtMs !== null)
  if (first === undefined || !isOffered) return null
  const leftMs = expiresAtMs === null ? 0 : expiresAtMs - nowMs
  const others = (need?.questions.length ?? 1) - 1
  return (
    <section class="call-bar" aria-label={attention.said['needs-you']}>
      <StateMark state="needs-you" />
      <div>
        <b>{attention.question.barAsks(first.question.agent, first.question.kind)}</b>
        <p class="num">
          {[
            leftMs > 0 ? attention.left(roughSpan(leftMs, text)) : '',
            others > 0 ? attention.more(others) : '',
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </p>
      </div>
      <button
        type="button"
        class="btn"
        onClick={() => stayAs({ page: 'terminal', runnerId, terminal, question: first.question.id })}
      >
        {attention.question.look}
      </button>
    </section>
  )
}
