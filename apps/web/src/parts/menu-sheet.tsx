import type { ComponentChildren } from 'preact'
import { Dialog } from './dialog.tsx'
import { Icon, type IconName } from './icon.tsx'

interface MenuItemProps {
  readonly icon: IconName
  readonly label: string
  readonly note?: string
  readonly danger?: boolean
  readonly onPick: () => void
}

/** One action of a menu: a whole row to hit. */
export const MenuItem = ({ icon, label, note, danger = false, onPick }: MenuItemProps) => (
  <li>
    <button type="button" class={`item${danger ? ' bad' : ''}`} onClick={onPick}>
      <Icon name={icon} />
      <span class="grow">{label}</span>
      {note === undefined ? null : <span class="meta num">{note}</span>}
    </button>
  </li>
)

/** Actions in a sheet, reachable by the thumb. */
export const MenuSheet = (props: {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  readonly foot?: ComponentChildren
}) => (
  <Dialog title={props.title} onClose={props.onClose}>
    <ul class="items">{props.children}</ul>
    {props.foot}
  </Dialog>
)
