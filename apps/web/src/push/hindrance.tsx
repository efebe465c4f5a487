import { Icon } from '../parts/icon.tsx'
import { isTouch } from '../platform.ts'
import { useWords } from '../words/language.ts'
import type { Says } from '../words/says.ts'
import type { Ability } from './ability.ts'

/** One hindrance to notifications, and how to get past it. */
export function Hindrance(props: {
  readonly ability: Exclude<Ability, 'able'>
  readonly onLookAgain: () => void
}) {
  const { push } = useWords()
  switch (props.ability) {
    case 'home-screen':
      return (
        <>
          <h1>{push.ios.title}</h1>
          <p class="lead">{push.ios.lead}</p>
          <StepList steps={push.ios.steps} />
          <p class="note">
            <Icon name="alert" />
            <span>{push.ios.without}</span>
          </p>
        </>
      )
    case 'denied':
      return (
        <>
          <h1>{push.denied.title(isTouch())}</h1>
          <p class="lead">{push.denied.lead(location.host)}</p>
          <StepList steps={push.denied.steps} />
          <Without />
          <div class="foot">
            <button type="button" class="btn lg" onClick={props.onLookAgain}>
              {push.denied.again}
            </button>
          </div>
        </>
      )
    case 'insecure':
    case 'unsupported':
      return (
        <>
          <h1 class="vh">{push.title}</h1>
          <Sentence says={push[props.ability]} />
          <Without />
        </>
      )
  }
}

/** What happened, and the next step. */
export const Sentence = ({ says: [fact, next] }: { readonly says: Says }) => (
  <div class="banner warn" role="status">
    <Icon name="alert" />
    <div>
      <b>{fact}</b>
      <p>{next}</p>
    </div>
  </div>
)

const StepList = ({ steps }: { readonly steps: readonly Says[] }) => (
  <ol class="steps push-steps">
    {steps.map(([title, text], at) => (
      <li key={at} class={at === 0 ? 'now' : ''}>
        <span class="n">{at + 1}</span>
        <div class="b">
          <b>{title}</b>
          {text}
        </div>
      </li>
    ))}
  </ol>
)

function Without() {
  const { push } = useWords()
  return (
    <>
      <h2 class="sect">{push.without}</h2>
      <section class="card">
        <ul class="rows opt">
          <li>
            <Icon name="list" />
            <div class="grow">
              <span class="t">{push.withoutMarks}</span>
              <span class="d">{push.withoutMarksText}</span>
            </div>
          </li>
        </ul>
      </section>
    </>
  )
}
