import { partsOf, type ShownText, type TextPart } from './shown-text.ts'

/** Foreign text on one line, with hidden characters in frames. */
export const ForeignText = ({ text }: { readonly text: string }) => <Parts parts={partsOf(text)} />

export const Parts = ({ parts }: { readonly parts: readonly TextPart[] }) => (
  <>
    {parts.map((part, at) =>
      'mark' in part ? (
        <span key={at} class="ctl" role="img" aria-label={part.said} title={part.said}>
          {part.mark}
        </span>
      ) : (
        part.text
      ),
    )}
  </>
)

/** A request at a glance: its first line, and how many more it has. */
export function Summary({
  shown,
  more,
}: {
  readonly shown: ShownText
  readonly more: (lines: number) => string
}) {
  const [first = []] = shown.lines
  return (
    <div class="tail">
      <span>
        <Parts parts={first} />
      </span>
      {shown.lines.length < 2 ? null : <span class="faint">{more(shown.lines.length - 1)}</span>}
    </div>
  )
}
