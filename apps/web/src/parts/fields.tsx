import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A field of one line; a `name` has the focus first in its dialog, and only a name is corrected by a phone’s keyboard. */
export function TextField(props: {
  readonly label: string
  readonly kind: 'name' | 'address' | 'words'
  readonly value: string
  readonly charsMax?: number
  readonly placeholder?: string
  /** a note about it, or the mistake in it */
  readonly hint?: string
  readonly isWrong?: boolean
  readonly onValue: (value: string) => void
}) {
  const id = useId()
  const { kind, hint, isWrong = false } = props
  const looks =
    kind === 'name'
      ? { 'data-first': true }
      : ({
          inputmode: kind === 'address' ? 'url' : 'text',
          autocapitalize: 'none',
          spellcheck: false,
        } as const)
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input"
        value={props.value}
        maxLength={props.charsMax}
        placeholder={props.placeholder}
        autocomplete="off"
        enterkeyhint="done"
        aria-invalid={isWrong}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => props.onValue(event.currentTarget.value)}
        {...looks}
      />
      {hint === undefined ? null : (
        <p class="hint small" id={`${id}-hint`} role={isWrong ? 'alert' : undefined}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** One of a few values, in a list that drops down. */
export function SelectField<Value extends string>(props: {
  readonly label: string
  readonly value: Value
  readonly values: readonly Value[]
  readonly says: Readonly<Record<Value, string>>
  readonly onValue: (value: Value) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        class="input"
        value={props.value}
        onChange={(event) => {
          const chosen = props.values.find((each) => each === event.currentTarget.value)
          if (chosen !== undefined) props.onValue(chosen)
        }}
      >
        {props.values.map((each) => (
          <option key={each} value={each}>
            {props.says[each]}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Any number of a few values, each with a box to tick. */
export function ChecksField<Value extends string>(props: {
  readonly label: string
  readonly values: readonly Value[]
  readonly ticked: ReadonlySet<string>
  readonly onTicked: (ticked: ReadonlySet<string>) => void
  readonly children: (value: Value) => ComponentChildren
}) {
  const tick = (value: Value, on: boolean) => {
    const next = new Set(props.ticked)
    if (on) next.add(value)
    else next.delete(value)
    props.onTicked(next)
  }
  return (
    <fieldset class="checks">
      <legend class="label">{props.label}</legend>
      {props.values.map((value) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={props.ticked.has(value)}
            onChange={(event) => tick(value, event.currentTarget.checked)}
          />
          <span>{props.children(value)}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** One of a few values, side by side. */
export function SegmentsField<Value extends string | number | boolean>(props: {
  readonly label: string
  readonly chosen: Value
  readonly all: readonly (readonly [value: Value, name: string])[]
  /** a note about the choice */
  readonly note?: string
  /** the values are languages, each of which is named in its own words */
  readonly areLanguages?: boolean
  readonly onChoose: (value: Value) => void
}) {
  const { label, chosen, all, note, areLanguages = false, onChoose } = props
  return (
    <div>
      <p class="label">{label}</p>
      <div class="seg" role="group" aria-label={label}>
        {all.map(([value, name]) => (
          <button
            key={String(value)}
            type="button"
            lang={areLanguages ? String(value) : undefined}
            aria-pressed={value === chosen}
            onClick={() => onChoose(value)}
          >
            {name}
          </button>
        ))}
      </div>
      {note === undefined ? null : <p class="small dim">{note}</p>}
    </div>
  )
}
