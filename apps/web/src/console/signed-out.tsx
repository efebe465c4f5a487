import { Icon } from '../parts/icon.tsx'
import { TopBar } from '../parts/top-bar.tsx'
import { useWords } from '../words/language.ts'

/** Why there is no console here, and how to get one. */
export function SignedOut(props: {
  readonly why: 'no-cookie' | 'link-spent' | 'unreachable'
  readonly onAgain: () => void
}) {
  const text = useWords()
  const { why, onAgain } = props
  const [fact, next] =
    why === 'unreachable'
      ? [text.console.unreachable, '']
      : why === 'link-spent'
        ? [text.console.linkSpent, text.console.linkSpentNext]
        : [text.console.signedOut, '']
  return (
    <div class="page">
      <TopBar />
      <main class="main task">
        <h1>{text.console.title}</h1>
        <div class="banner signed-out" role="alert">
          <Icon name={why === 'unreachable' ? 'noLink' : 'alert'} />
          <div>
            <b>{fact}</b>
            {next === '' ? null : <p>{next}</p>}
          </div>
        </div>
        {why === 'unreachable' ? (
          <button type="button" class="btn primary lg" onClick={onAgain}>
            {text.tryAgain}
          </button>
        ) : (
          <>
            <p class="dim">{text.console.signedOutLead}</p>
            <p class="card command-card">
              <code class="mono">npx latchkey status --console</code>
            </p>
            <p class="dim">{text.console.signedOutNext}</p>
          </>
        )}
      </main>
    </div>
  )
}
