import { useWords } from '../words/language.ts'
import { type DeviceMay, MAY_NAMES, withMay } from './device-may.ts'
import '../styles/fleet.css'

/** Boxes for what a device may do. `only`: those that can still be changed. */
export function DeviceMayChoice(props: {
  readonly may: DeviceMay
  readonly only?: readonly (keyof DeviceMay)[]
  readonly onMay: (may: DeviceMay) => void
}) {
  const { fleet } = useWords()
  const { may, only = MAY_NAMES, onMay } = props
  return (
    <fieldset class="checks">
      <legend class="label">{fleet.may}</legend>
      {MAY_NAMES.filter((name) => only.includes(name)).map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={may[name]}
            onChange={(event) => onMay(withMay(may, name, event.currentTarget.checked))}
          />
          <span>
            {fleet.mayNames[name]} <span class="faint small">{fleet.mayNotes[name]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
