import { useEffect, useRef, useState } from 'preact/hooks'
import { commandsOf } from '../screen/commands.ts'
import type { Screen } from '../screen/screen.ts'
import type { Card } from './card.ts'
import { cardsOf, keptCards } from './cards.ts'

/** A flood is read so often: each reading takes some milliseconds of a phone, and a person reads no faster. */
const READ_EVERY_MS = 250

function cardsNow({ emulator }: Screen): readonly Card[] {
  const { normal, active } = emulator.buffer
  return cardsOf(normal, commandsOf(emulator).marks.commands, active.type === 'alternate' ? active : null)
}

/** Whether a person has selected text in the reader, which drawing would take away. */
function isSelecting(): boolean {
  const selection = document.getSelection()
  if (selection === null || selection.isCollapsed) return false
  return selection.anchorNode?.parentElement?.closest('.reader') !== null
}

/**
 * The cards of a screen, while output goes on. They stand still as long as some of their text is selected; `isHeld` when something
 * was printed meanwhile.
 */
export function useCards(screen: Screen): { readonly cards: readonly Card[]; readonly isHeld: boolean } {
  const [cards, setCards] = useState(() => cardsNow(screen))
  const [isHeld, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => {
    const read = () => {
      timer.current = null
      const isHolding = isSelecting()
      setHeld(isHolding)
      if (!isHolding) setCards((before) => keptCards(before, cardsNow(screen)))
    }
    const later = () => {
      timer.current ??= setTimeout(read, READ_EVERY_MS)
    }
    const released = () => {
      if (!isSelecting()) later()
    }
    const written = screen.emulator.onWriteParsed(later)
    const resized = screen.emulator.onResize(later)
    document.addEventListener('selectionchange', released)
    later()
    return () => {
      written.dispose()
      resized.dispose()
      document.removeEventListener('selectionchange', released)
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    }
  }, [screen])
  return { cards, isHeld }
}
