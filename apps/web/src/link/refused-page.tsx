import type { AppLink } from '@latchkey/connection/app/link'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import { useEffect } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { goHome } from '../places.ts'
import { useWords } from '../words/language.ts'
import { RefusalButton } from './link-banner.tsx'
import { refusalWords } from './link-words.ts'

/** In the place of a terminal that this browser is not let into: why, and the one next step. */
export function RefusedPage(props: {
  readonly link: AppLink
  readonly machine: string
  readonly refusal: SealRefusal
}) {
  const { link, machine, refusal } = props
  const text = useWords()
  const { fact, next, step } = refusalWords(refusal, machine, text)
  useEffect(() => {
    document.title = `${machine} · ${text.brand}`
  }, [machine, text])
  return (
    <div class="page">
      <header class="bar">
        <button type="button" class="iconbtn" aria-label={text.term.allMachines} onClick={goHome}>
          <Icon name="back" />
        </button>
        <span class="grow trunc">{machine}</span>
      </header>
      <main class="main task" data-refusal={refusal}>
        <div role="alert">
          <h1>{fact}</h1>
          <p class="lead">{next}</p>
        </div>
        <div class="stack pairing">
          <RefusalButton link={link} step={step} main />
        </div>
      </main>
    </div>
  )
}
