import { IconButton } from '../../parts/icon-button.tsx'
import { useWords } from '../../words/language.ts'
import type { InputModeThere } from './use-input-mode.ts'

/** Points to the compose field in front of an agent, until this terminal was typed in or the person said no. */
export function ComposeSuggestion({ mode, forAgent, remember }: InputModeThere) {
  const text = useWords()
  if (!forAgent || mode !== null) return null
  return (
    <div class="compose-suggestion">
      <button type="button" class="small" onClick={() => document.getElementById('compose')?.focus()}>
        {text.typing.suggest}
      </button>
      <IconButton icon="cross" small label={text.typing.suggestNo} onClick={() => remember('keys')} />
    </div>
  )
}
