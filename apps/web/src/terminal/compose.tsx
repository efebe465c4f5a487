import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { keep, kept } from '../kept.ts'
import { Icon } from '../parts/icon.tsx'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'

const DRAFT_CHARS_MAX = 20_000
const FIELD_PX_MAX = 132

interface ComposeProps {
  /** names the draft: one for each terminal of each machine */
  readonly draftKey: string
  readonly stale: boolean
  /** the program asks for a password: what is written is hidden and not kept */
  readonly isSecret: () => boolean
  readonly onSend: (text: string) => void
  readonly onFocus: () => void
}

/** A real field for real writing: any keyboard, any language, dictation. Enter sends, Shift+Enter makes a new line. */
export function Compose({ draftKey, stale, isSecret, onSend, onFocus }: ComposeProps) {
  const text = useObservable(words)
  const [draft, setDraft] = useState(() => kept(draftKey) ?? '')
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => setDraft(kept(draftKey) ?? ''), [draftKey])
  useLayoutEffect(() => {
    if (field.current === null) return
    field.current.style.height = '0'
    field.current.style.height = `${Math.min(FIELD_PX_MAX, Math.max(44, field.current.scrollHeight + 2))}px`
  }, [draft])
  const change = (next: string) => {
    setDraft(next)
    keep(draftKey, next === '' || isSecret() ? null : next.slice(0, DRAFT_CHARS_MAX))
  }
  const send = () => {
    onSend(draft)
    change('')
  }
  const hint = stale ? text.term.composeHeld : text.term.composeHint
  return (
    <form
      class="compose"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label class="vh" for="compose">
        {text.term.compose}
      </label>
      <textarea
        id="compose"
        ref={field}
        class={`box${isSecret() ? ' secret' : ''}`}
        rows={1}
        value={draft}
        placeholder={hint}
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="send"
        onFocus={onFocus}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <button
        type="submit"
        class={`send${draft === '' ? ' idle' : ''}`}
        aria-label={text.term.send}
        onPointerDown={(event) => event.preventDefault()}
        onMouseDown={(event) => event.preventDefault()}
      >
        <Icon name="up" />
      </button>
    </form>
  )
}
