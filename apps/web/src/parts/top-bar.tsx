import { useState } from 'preact/hooks'
import { useWords } from '../words/language.ts'
import { Mark } from './icon.tsx'
import { IconButton } from './icon-button.tsx'
import { PlaceLink } from './place-link.tsx'
import { SettingsSheet } from './settings-sheet.tsx'

/** The quiet bar of a task page: the mark, and the menu of the page itself. */
export function TopBar() {
  const text = useWords()
  const [open, setOpen] = useState(false)
  return (
    <header class="bar">
      <PlaceLink class="brand" to={{ page: 'home' }}>
        <Mark />
        <span>{text.brand}</span>
      </PlaceLink>
      <span class="grow" />
      <IconButton icon="menu" label={text.menu} onClick={() => setOpen(true)} />
      {open ? <SettingsSheet onClose={() => setOpen(false)} /> : null}
    </header>
  )
}
