import { useState } from 'preact/hooks'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { useWords } from '../../words/language.ts'
import type { PasteDoubt } from '../keys/paste.ts'

/** Asks before text that could run by itself is pasted. */
export function PasteQuestion(props: {
  readonly text: string
  readonly doubt: PasteDoubt
  /** the program takes several lines as text */
  readonly bracketed: boolean
  readonly onYes: () => void
  readonly onClose: () => void
}) {
  const { term } = useWords()
  const { text, doubt, bracketed, onYes, onClose } = props
  return (
    <Confirm
      title={term.pasteTitle(doubt.lines)}
      text={[
        ...(doubt.control ? [term.pasteControl] : []),
        ...(doubt.lines > 1 && !bracketed ? [term.pasteText] : []),
      ].join(' ')}
      yes={term.pasteYes}
      onYes={onYes}
      onClose={onClose}
    >
      <pre class="preview" tabIndex={0}>
        {text.slice(0, 2_000)}
      </pre>
    </Confirm>
  )
}

/** Where pages get no clipboard: a field to paste into by hand. */
export function PasteField(props: { readonly onText: (text: string) => void; readonly onClose: () => void }) {
  const { term } = useWords()
  const [text, setText] = useState('')
  return (
    <Dialog title={term.paste} onClose={props.onClose}>
      <div class="field">
        <label for="paste-field">{term.pasteHere}</label>
        <textarea
          id="paste-field"
          class="input tall mono"
          data-first
          spellcheck={false}
          autocapitalize="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="hint">{term.pasteHereHint}</p>
      </div>
      <button
        type="button"
        class="btn primary block spaced"
        onClick={() => text !== '' && props.onText(text)}
      >
        {term.pasteYes}
      </button>
    </Dialog>
  )
}
