import type { ComponentChildren } from 'preact'

/** One figure of a card: its name, and its value in the colour of a warning where it asks for attention. */
export const Stat = (props: {
  readonly name: string
  readonly warn?: boolean
  readonly children: ComponentChildren
}) => (
  <div>
    <dt>{props.name}</dt>
    <dd class={props.warn === true ? 'warn' : ''}>{props.children}</dd>
  </div>
)
