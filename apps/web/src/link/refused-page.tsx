import type { AppLink } from '@latchkey/connection/app/link'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import { BackBar, Page, useTitle } from '../parts/page.tsx'
import { goHome } from '../places.ts'
import { useWords } from '../words/language.ts'
import { refusalWords } from './link-words.ts'
import { StepButton } from './step-button.tsx'

/** In the place of a terminal that this browser is not let into: why, and the one next step. */
export function RefusedPage(props: {
  readonly link: AppLink
  readonly machine: string
  readonly refusal: SealRefusal
}) {
  const { link, machine, refusal } = props
  const text = useWords()
  const { says, step } = refusalWords(refusal, machine, text)
  useTitle(machine)
  return (
    <Page
      bar={<BackBar label={text.term.allMachines} title={machine} onBack={goHome} />}
      data-refusal={refusal}
    >
      <div role="alert">
        <h1>{says[0]}</h1>
        <p class="lead">{says[1]}</p>
      </div>
      <div class="stack pairing">
        <StepButton link={link} step={step} main />
      </div>
    </Page>
  )
}
