import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** One choice of a list: its name, a line about it, and a switch; the whole row can be tapped. */
export function SwitchRow(props: {
  readonly title: ComponentChildren
  readonly text: ComponentChildren
  readonly on: boolean
  readonly busy?: boolean
  readonly onSwitch: (on: boolean) => void
}) {
  const id = useId()
  const { title, text, on, busy = false, onSwitch } = props
  return (
    <li>
      <label class="grow" for={id}>
        <span class="t">{title}</span>
        <span class="d">{text}</span>
      </label>
      <input
        id={id}
        class="switch"
        type="checkbox"
        role="switch"
        checked={on}
        aria-busy={busy}
        onChange={({ currentTarget }) => {
          const wanted = currentTarget.checked
          // The switch shows the present state until the new one is true.
          currentTarget.checked = on
          if (!busy) onSwitch(wanted)
        }}
      />
    </li>
  )
}
