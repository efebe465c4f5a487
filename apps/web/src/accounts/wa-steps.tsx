/** What to do on the phone: a plain part and the words that WhatsApp itself shows. */
export function WaSteps({ steps }: { readonly steps: ReadonlyArray<readonly string[]> }) {
  return (
    <ol class="wol">
      {steps.map(([plain, shown], at) => (
        <li key={at}>
          <span class="num" aria-hidden="true">
            {at + 1}
          </span>
          <span>
            {plain} {shown === '' ? null : <b>{shown}</b>}
          </span>
        </li>
      ))}
    </ol>
  )
}
