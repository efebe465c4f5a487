import { useState } from 'preact/hooks'
import { goHome } from '../places.ts'
import { useWords } from '../words/language.ts'
import { Icon, Mark } from './icon.tsx'
import { SettingsSheet } from './settings-sheet.tsx'

/** The quiet bar of a task page: the mark, and the menu of the page itself. */
export function TopBar() {
  const text = useWords()
  const [open, setOpen] = useState(false)
  return (
    <header class="bar">
      <a
        class="brand"
        href="/"
        onClick={(event) => {
          event.preventDefault()
          goHome()
        }}
      >
        <Mark />
        <span>{text.brand}</span>
      </a>
      <span class="grow" />
      <button type="button" class="iconbtn" aria-label={text.menu} onClick={() => setOpen(true)}>
        <Icon name="menu" />
      </button>
      {open ? <SettingsSheet onClose={() => setOpen(false)} /> : null}
    </header>
  )
}
