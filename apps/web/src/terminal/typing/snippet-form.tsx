import { useState } from 'preact/hooks'
import { ErrorLine } from '../../parts/banner.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { useWords } from '../../words/language.ts'
import { removeSnippet, saveSnippet, snippets } from '../keys/edited-keys.ts'
import {
  isDestructive,
  nextSnippetId,
  SNIPPET_CHARS_MAX,
  SNIPPET_NAME_CHARS_MAX,
  type Snippet,
} from '../keys/snippets.ts'

/** A new snippet (null), or one that is changed. It begins empty: nothing that was typed in a terminal comes into it. */
export function SnippetForm({
  snippet,
  onClose,
}: {
  readonly snippet: Snippet | null
  readonly onClose: () => void
}) {
  const { keyBar, term } = useWords()
  const [name, setName] = useState(snippet?.name ?? '')
  const [text, setText] = useState(snippet?.text ?? '')
  const [enter, setEnter] = useState(snippet?.enter ?? false)
  const [twice, setTwice] = useState(snippet?.twice ?? false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const destructive = isDestructive(text)
  const isWhole = name.trim() !== '' && text !== ''
  const save = () => {
    if (!isWhole) return
    const id = snippet?.id ?? nextSnippetId(snippets.current)
    if (saveSnippet({ id, name: name.trim(), text, enter, twice })) onClose()
    else setTrouble(keyBar.tooMany)
  }
  return (
    <Dialog title={snippet === null ? keyBar.newSnippet : snippet.name} onClose={onClose}>
      <Form class="stack" onSubmit={save}>
        <TextField
          kind="name"
          label={term.name}
          value={name}
          charsMax={SNIPPET_NAME_CHARS_MAX}
          onValue={setName}
        />
        <div class="field">
          <label for="snippet-text">{keyBar.snippetText}</label>
          <textarea
            id="snippet-text"
            class="input tall mono"
            value={text}
            maxLength={SNIPPET_CHARS_MAX}
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <p class="hint">{keyBar.noSecrets}</p>
        </div>
        <Choice on={enter} says={keyBar.withEnter} onChange={setEnter} />
        <Choice
          on={twice || destructive}
          fixed={destructive}
          says={destructive ? keyBar.twiceAlways : keyBar.twice}
          onChange={setTwice}
        />
        {trouble === null ? null : <ErrorLine says={trouble} />}
        <div class="row-btns">
          {snippet === null ? null : (
            <button
              type="button"
              class="btn danger-text"
              onClick={() => {
                removeSnippet(snippet.id)
                onClose()
              }}
            >
              {keyBar.remove}
            </button>
          )}
          <button type="submit" class="btn primary" aria-disabled={!isWhole}>
            {term.save}
          </button>
        </div>
      </Form>
    </Dialog>
  )
}

const Choice = (props: {
  readonly on: boolean
  /** it cannot be switched off */
  readonly fixed?: boolean
  readonly says: string
  readonly onChange: (on: boolean) => void
}) => (
  <label class="copy-always">
    <input
      type="checkbox"
      checked={props.on}
      disabled={props.fixed === true}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
    {props.says}
  </label>
)
