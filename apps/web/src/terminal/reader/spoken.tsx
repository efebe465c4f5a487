import { useEffect, useRef, useState } from 'preact/hooks'
import type { Words } from '../../words/en.ts'
import { useWords } from '../../words/language.ts'
import { type Announcement, Announcements, finishedOf } from './announcements.ts'
import type { Card } from './card.ts'

const LINE_CHARS_MAX = 120

/** Says to a screen reader that a command has ended: its end and its first line. Politely, and not too often. */
export function Spoken({ cards }: { readonly cards: readonly Card[] }) {
  const text = useWords()
  const [spoken, setSpoken] = useState('')
  const before = useRef(cards)
  const announcements = useRef(new Announcements())
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => {
    announcements.current.add(finishedOf(before.current, cards))
    before.current = cards
    const speak = () => {
      timer.current = null
      const next = announcements.current.next(performance.now())
      if (next.spoken !== null) setSpoken(sentence(next.spoken, text))
      if (next.waitMs !== null) timer.current = setTimeout(speak, next.waitMs)
    }
    if (timer.current === null) speak()
  }, [cards])
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
    },
    [],
  )
  return (
    <p class="vh" role="status" data-spoken>
      {spoken}
    </p>
  )
}

function sentence({ card, others }: Announcement, { reader }: Words): string {
  const end = card.exit === null ? reader.ended : reader.exit(card.exit)
  const line = card.lines.find((each) => each.trim() !== '')?.trim() ?? ''
  const said = reader.finished(card.command ?? reader.unknown, end, line.slice(0, LINE_CHARS_MAX))
  return others === 0 ? said : `${said} ${reader.finishedToo(others)}`
}
