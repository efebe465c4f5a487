import { useMachineCommands } from '../machine-commands.ts'
import { Banner } from '../parts/banner.tsx'
import { Page } from '../parts/page.tsx'
import { useWords } from '../words/language.ts'
import type { Says } from '../words/says.ts'

/** Why there is no console here, and how to get one. */
export function SignedOut(props: {
  readonly why: 'no-cookie' | 'link-spent' | 'unreachable'
  readonly onAgain: () => void
}) {
  const text = useWords()
  const commands = useMachineCommands()
  const { why, onAgain } = props
  const says: Says =
    why === 'unreachable'
      ? [text.console.unreachable, '']
      : why === 'link-spent'
        ? [text.console.linkSpent, text.console.linkSpentNext]
        : [text.console.signedOut, '']
  return (
    <Page>
      <h1>{text.console.title}</h1>
      <Banner icon={why === 'unreachable' ? 'noLink' : 'alert'} look="signed-out" role="alert" says={says} />
      {why === 'unreachable' ? (
        <button type="button" class="btn primary lg" onClick={onAgain}>
          {text.tryAgain}
        </button>
      ) : (
        <>
          <p class="dim">{text.console.signedOutLead}</p>
          <p class="card command-card">
            <code class="mono">{commands.console}</code>
          </p>
          <p class="dim">{text.console.signedOutNext}</p>
        </>
      )}
    </Page>
  )
}
