import type { ComponentChildren, ComponentProps } from 'preact'
import type { Says } from '../words/says.ts'
import { Icon, type IconName } from './icon.tsx'

interface BannerProps extends ComponentProps<'div'> {
  readonly icon: IconName
  /** the next step may be marked up */
  readonly says: Says | readonly [fact: string, next: ComponentChildren]
  /** further classes: a tone, a distance */
  readonly look?: string
}

/** A fact and its next step in a box; `children` come below. */
export const Banner = ({ icon, says: [fact, next], look = '', children, ...rest }: BannerProps) => (
  <div class={`banner ${look}`.trim()} {...rest}>
    <Icon name={icon} />
    <div class="grow">
      <b>{fact}</b>
      {next === '' ? null : <p>{next}</p>}
      {children}
    </div>
  </div>
)

interface ErrorLineProps extends ComponentProps<'p'> {
  readonly says: Says | string
}

/** The error of a field or an action, in a line below it. */
export const ErrorLine = ({ says, ...rest }: ErrorLineProps) => (
  <p class="err" role="alert" {...rest}>
    <Icon name="alert" />
    {typeof says === 'string' ? (
      <span>{says}</span>
    ) : (
      <span>
        <b>{says[0]}</b> {says[1]}
      </span>
    )}
  </p>
)
