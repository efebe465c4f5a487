import { useState } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { unlessUnchanged } from '../../parts/unchanged.ts'
import { useWords } from '../../words/language.ts'
import { clockTime, span } from '../../words/times.ts'
import type { Card } from './card.ts'
import { FOLD_LINES_MIN, foldOf } from './fold.ts'
import { Line, type Shown } from './output-lines.tsx'
import type { Match } from './search.ts'

interface CommandCardProps extends Shown {
  readonly card: Card
  /** where the search stands in this card; null elsewhere */
  readonly match: Match | null
  readonly onCopy: (card: Card) => void
  readonly onMore: (card: Card) => void
}

/** One command: its text, its end, its times, its output. Text of no command has no head. */
export const CommandCard = unlessUnchanged(function CommandCard(props: CommandCardProps) {
  const { card, match, sought, onPath } = props
  const text = useWords()
  const [isOpened, setOpened] = useState(false)
  const { command, lines, kind } = card
  const name = command ?? text.reader.unknown
  const isCommand = kind === 'marked' || kind === 'guessed'
  const folded = foldOf(lines.length, isOpened)
  const isHidden =
    folded !== null &&
    match !== null &&
    match.line !== null &&
    match.line >= folded.from &&
    match.line < folded.to
  // A match in the folded part opens it.
  const fold = isHidden ? null : folded
  const part = (from: number, to: number, label: string) => (
    <pre class="out" tabIndex={0} role="group" aria-label={label}>
      {lines.slice(from, to).map((line, at) => (
        <div key={from + at} class="line">
          <Line
            text={line}
            at={match?.line === from + at ? match.at : null}
            folder={card.folder}
            sought={sought}
            onPath={onPath}
          />
        </div>
      ))}
    </pre>
  )
  const label = isCommand
    ? text.reader.outputOf(name)
    : kind === 'prompt'
      ? text.reader.prompt
      : text.reader.plain
  return (
    <article class={`blk ${isCommand ? '' : 'plain'}`} data-kind={kind}>
      {isCommand ? (
        <header>
          <div>
            <h2>
              <Line
                text={name}
                at={match !== null && match.line === null ? match.at : null}
                folder={null}
                sought={command === null ? '' : sought}
                onPath={null}
                isPlain
              />
            </h2>
            <Facts card={card} />
          </div>
          <IconButton icon="copy" label={text.reader.copyBoth(name)} onClick={() => props.onCopy(card)} />
          <IconButton icon="menu" label={text.reader.more(name)} onClick={() => props.onMore(card)} />
        </header>
      ) : null}
      {lines.length === 0 ? null : part(0, fold?.from ?? lines.length, label)}
      {fold === null ? null : (
        <>
          <button type="button" class="fold" aria-expanded={false} onClick={() => setOpened(true)}>
            <Icon name="stepDown" small />
            {text.reader.showMore(fold.to - fold.from)}
          </button>
          {part(fold.to, lines.length, text.reader.endOf(name))}
        </>
      )}
    </article>
  )
})

function Facts({ card }: { readonly card: Card }) {
  const text = useWords()
  const { startedAtMs, endedAtMs, exit, lines, runs, kind } = card
  const took = startedAtMs === null || endedAtMs === null ? null : Math.max(0, endedAtMs - startedAtMs)
  const facts = [
    startedAtMs === null
      ? null
      : runs
        ? text.reader.since(clockTime(startedAtMs, text))
        : clockTime(startedAtMs, text),
    took === null ? null : took < 10_000 ? text.span.seconds(Math.round(took / 100) / 10) : span(took, text),
    lines.length > FOLD_LINES_MIN ? text.reader.lines(lines.length) : null,
    lines.length === 0 && !runs ? text.reader.noOutput : null,
    kind === 'guessed' ? text.reader.guessed : null,
  ].filter((fact) => fact !== null)
  return (
    <p class="facts">
      {runs ? (
        <span class="badge info">
          <span class="dot" />
          {text.reader.running}
        </span>
      ) : exit === null ? (
        kind === 'guessed' ? null : (
          <span class="badge">{text.reader.ended}</span>
        )
      ) : (
        <span class={`badge ${exit === 0 ? 'ok' : 'bad'}`}>
          <Icon name={exit === 0 ? 'check' : 'alert'} />
          {text.reader.exit(exit)}
        </span>
      )}
      <span>{facts.join(' · ')}</span>
    </p>
  )
}
