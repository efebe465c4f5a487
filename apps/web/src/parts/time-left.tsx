import type { ComponentChildren } from 'preact'
import { CountdownRing } from './countdown-ring.tsx'

/** How long something is good: the ring is the glance, the text beside it is the truth. */
export const TimeLeft = (props: {
  readonly leftMs: number
  /** the ring is full at this much */
  readonly ofMs: number
  /** from here on it is in the colour of a warning */
  readonly soonMs: number
  readonly children: ComponentChildren
}) => (
  <span class={props.leftMs > props.soonMs ? 'ring' : 'ring warn'}>
    <CountdownRing leftMs={props.leftMs} ofMs={props.ofMs} />
    {props.children}
  </span>
)
