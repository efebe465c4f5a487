import { addressOf, goTo, type Place } from '../places.ts'
import type { Words } from '../words/en.ts'

/** The top of a card of the overview: what it lists, one fact, and the way to all of it where only a part is shown. */
export function CardHeader(props: {
  readonly id: string
  readonly title: string
  readonly fact: string
  /** where all of it is; null on that page itself */
  readonly all: Place | null
  readonly text: Words
}) {
  const { id, title, fact, all, text } = props
  return (
    <header>
      <h2 id={id}>{title}</h2>
      <span class="faint num">{fact}</span>
      <span class="grow" />
      {all === null ? null : (
        <a
          class="btn quiet"
          href={addressOf(all)}
          onClick={(event) => {
            event.preventDefault()
            goTo(all)
          }}
        >
          {text.console.all}
          <span class="vh"> {title}</span>
        </a>
      )}
    </header>
  )
}
