import { Confirm } from '../../parts/dialog.tsx'
import { RenameSheet } from '../../parts/rename-sheet.tsx'
import { useWords } from '../../words/language.ts'

/** A longer name is not taken. */
const NAME_CHARS_MAX = 64

/** Asks for a terminal's name; an empty one gives it back to its program. */
export function RenameTerminal(props: {
  readonly name: string
  readonly onName: (name: string) => void
  readonly onClose: () => void
}) {
  const { term, tabs } = useWords()
  return (
    <RenameSheet
      title={term.renameTitle}
      field={term.name}
      name={props.name}
      charsMax={NAME_CHARS_MAX}
      save={term.save}
      emptyNote={tabs.unnamed}
      onName={(next) => {
        props.onName(next)
        return Promise.resolve(null)
      }}
      onClose={props.onClose}
    />
  )
}

/** Asks once more before a terminal's program is ended. */
export function EndTerminal(props: {
  readonly name: string
  readonly onEnd: () => void
  readonly onClose: () => void
}) {
  const { term } = useWords()
  return (
    <Confirm
      title={term.closeTitle(props.name)}
      text={term.closeText}
      yes={term.closeYes}
      danger
      onYes={() => {
        props.onEnd()
        props.onClose()
      }}
      onClose={props.onClose}
    />
  )
}
