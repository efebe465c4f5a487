import type { ComponentChildren } from 'preact'
import { addressOf, goTo, type Place } from '../places.ts'

interface PlaceLinkProps {
  readonly to: Place
  /** runs on a click instead of going there */
  readonly onGo?: () => void
  readonly class?: string
  readonly 'aria-current'?: 'page' | undefined
  readonly children: ComponentChildren
}

/** A link to a place: a click stays within this page, a new tab opens the address. */
export const PlaceLink = ({ to, onGo = () => goTo(to), ...rest }: PlaceLinkProps) => (
  <a
    href={addressOf(to)}
    onClick={(event) => {
      event.preventDefault()
      onGo()
    }}
    {...rest}
  />
)
