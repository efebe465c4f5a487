import '../styles/files.css'
import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import { type FilePath, filePath } from './file-path.ts'

const PATH_CHARS_MAX = 4_096

/** Asks for the path of a file. */
export function OpenFileSheet(props: {
  readonly onPath: (path: FilePath) => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const [path, setPath] = useState('')
  return (
    <Dialog title={text.files.getFile} onClose={props.onClose}>
      <Form class="stack" onSubmit={() => path.trim() !== '' && props.onPath(filePath(path))}>
        <div class="field">
          <label for="file-path">{text.files.path}</label>
          <input
            id="file-path"
            class="input mono"
            data-first
            value={path}
            placeholder={text.files.pathHint}
            maxLength={PATH_CHARS_MAX}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            enterkeyhint="go"
            onInput={(event) => setPath(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="btn primary block" aria-disabled={path.trim() === ''}>
          {text.files.open}
        </button>
      </Form>
    </Dialog>
  )
}
