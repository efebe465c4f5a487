import type { Ref } from 'preact'
import { useState } from 'preact/hooks'
import { Icon } from '../../../parts/icon.tsx'
import { useWords } from '../../../words/language.ts'
import { lineCountOf } from '../clipboard-write.ts'
import { openLink } from '../emulator.ts'
import type { FingerSelection } from './finger-selection.ts'
import { opensOf } from './word-at.ts'

/** What a selection can lead to, beside copying. */
export interface SelectionWays {
  /** null for an app that may only watch */
  readonly onPaste: (() => void) | null
  /** null where the machine opens no files for this app */
  readonly onPath: ((path: string) => void) | null
}

interface BarProps {
  readonly place: Ref<HTMLDivElement>
  readonly selection: FingerSelection
  readonly ways: SelectionWays
  readonly onCopy: () => void
}

/** So many buttons fit beside each other on a phone, in Russian too; the others come with the dots. */
const BUTTONS_MAX = 4

/**
 * A finger presses by leaving the button. Browsers make no click of a tap that comes soon after a quick drag, as that of
 * a handle: they take it for the end of the swing.
 */
const pressed = (run: () => void) => ({
  onClick: run,
  onTouchEnd: (event: TouchEvent) => {
    const touch = event.changedTouches[0]
    const under = touch && document.elementFromPoint(touch.clientX, touch.clientY)
    if (!(event.currentTarget instanceof Element) || !under || !event.currentTarget.contains(under)) return
    // No click follows.
    event.preventDefault()
    run()
  },
})

/** What can be done with the selected text. Its buttons leave the focus, and so the keyboard, where it is. */
export function SelectionBar({ place, selection, ways, onCopy }: BarProps) {
  const { selection: words, term } = useWords()
  const [more, setMore] = useState(false)
  const { text } = selection
  const opens = opensOf(text)
  const { onPaste, onPath } = ways
  const paste = () => {
    selection.clear()
    onPaste?.()
  }
  const open = () => {
    if (opens?.what === 'link') openLink(opens.href)
    if (opens?.what === 'file') onPath?.(opens.path)
    selection.clear()
  }
  const share = () => {
    void navigator.share({ text }).catch(() => {})
    selection.clear()
  }
  const buttons = [
    ...(text === '' ? [] : [{ label: words.copy, run: onCopy }]),
    ...(opens?.what === 'link' ? [{ label: words.openLink, run: open }] : []),
    ...(opens?.what === 'file' && onPath !== null ? [{ label: words.openFile, run: open }] : []),
    { label: words.all, run: () => selection.selectAll() },
    ...(onPaste === null ? [] : [{ label: term.paste, run: paste }]),
    ...(text === '' || !('share' in navigator) ? [] : [{ label: words.share, run: share }]),
  ]
  const fits = buttons.length <= BUTTONS_MAX
  const shown = fits ? buttons : more ? buttons.slice(BUTTONS_MAX - 1) : buttons.slice(0, BUTTONS_MAX - 1)
  return (
    <div
      ref={place}
      class="selbar"
      role="toolbar"
      aria-label={text === '' ? words.nothing : words.selected(lineCountOf(text))}
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
      onKeyDown={(event) => event.key === 'Escape' && selection.clear()}
    >
      {shown.map(({ label, run }) => (
        <button key={label} type="button" {...pressed(run)}>
          {label}
        </button>
      ))}
      {fits ? null : (
        <button
          type="button"
          class="iconbtn"
          aria-label={more ? words.less : words.more}
          {...pressed(() => setMore(!more))}
        >
          <Icon name={more ? 'back' : 'menu'} />
        </button>
      )}
    </div>
  )
}
