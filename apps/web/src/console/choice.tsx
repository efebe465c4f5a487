/** A named list to choose from, in a row of filters. */
export function Choice(props: {
  readonly name: string
  readonly value: string
  readonly options: readonly (readonly [value: string, name: string])[]
  readonly onValue: (value: string) => void
}) {
  return (
    <label>
      <span>{props.name}</span>
      <select
        class="input"
        value={props.value}
        onChange={(event) => props.onValue(event.currentTarget.value)}
      >
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
