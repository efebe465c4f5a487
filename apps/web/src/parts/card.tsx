import type { ComponentChildren } from 'preact'
import type { Place } from '../places.ts'
import { useWords } from '../words/language.ts'
import { Icon, type IconName } from './icon.tsx'
import { PlaceLink } from './place-link.tsx'

/** A list of the console: its title, one fact, and the way to all of it where only a part is shown. */
export function Card(props: {
  readonly id: string
  readonly title: string
  readonly fact: string
  /** where all of it is; null on that page itself */
  readonly all?: Place | null
  /** further classes */
  readonly look?: string
  readonly children: ComponentChildren
}) {
  const text = useWords()
  const { id, title, fact, all = null, look = '', children } = props
  return (
    <section class={`card ${look}`.trim()} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <span class="faint num">{fact}</span>
        <span class="grow" />
        {all === null ? null : (
          <PlaceLink class="btn quiet" to={all}>
            {text.console.all}
            <span class="vh"> {title}</span>
          </PlaceLink>
        )}
      </header>
      {children}
    </section>
  )
}

/** The sign of a row, with a dot that says whether it is there. */
export const Tile = ({ icon, dot }: { readonly icon: IconName; readonly dot?: string }) => (
  <span class="tile">
    <Icon name={icon} />
    {dot === undefined ? null : <i class={`dot ${dot}`} />}
  </span>
)

/** One row of a list: its sign, its name, a line of facts; `children` stand at its end. */
export const Row = (props: {
  readonly icon: IconName
  readonly dot: string
  readonly name: ComponentChildren
  readonly facts: ComponentChildren
  readonly children?: ComponentChildren
  readonly 'data-node'?: string
}) => (
  <li data-node={props['data-node']}>
    <Tile icon={props.icon} dot={props.dot} />
    <div class="grow">
      <div class="t">{props.name}</div>
      <div class="d">{props.facts}</div>
    </div>
    {props.children}
  </li>
)
