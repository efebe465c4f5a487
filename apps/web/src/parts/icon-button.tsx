import type { ComponentProps } from 'preact'
import { Icon, type IconName } from './icon.tsx'

interface IconButtonProps extends ComponentProps<'button'> {
  readonly icon: IconName
  /** its action, for screen readers */
  readonly label: string
  /** further classes */
  readonly look?: string
  readonly small?: boolean
}

/** A button that is a sign alone. */
export const IconButton = ({ icon, label, look = '', small = false, ...rest }: IconButtonProps) => (
  <button type="button" class={`iconbtn ${look}`.trim()} aria-label={label} {...rest}>
    <Icon name={icon} small={small} />
  </button>
)
