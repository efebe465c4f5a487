import { useEffect, useState } from 'preact/hooks'
import { RevokedNotice } from '../device-pairing/revoked-notice.tsx'
import { keepsAnything } from '../kept.ts'
import { Icon } from '../parts/icon.tsx'
import { Page, useTitle } from '../parts/page.tsx'
import { goPair } from '../places.ts'
import { book } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { RunnerList } from './runner-list.tsx'

export function RunnersPage() {
  const text = useWords()
  const machines = useObservable(book)
  const [keeps] = useState(keepsAnything)
  useTitle(text.machines.title)
  useEffect(() => {
    void import('../terminal/terminal-page.tsx')
  }, [])
  return (
    <Page
      look="wide"
      dock={
        <button type="button" class="btn primary lg" onClick={goPair}>
          <Icon name="plus" />
          {text.machines.pairOne}
        </button>
      }
    >
      <h1>{text.machines.title}</h1>
      <p class="lead list-lead">{text.machines.lead}</p>
      <RevokedNotice />
      <RunnerList machines={machines} />
      {keeps ? null : <p class="meta list-note">{text.storageOff}</p>}
    </Page>
  )
}
