import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { keep, kept } from '../../kept.ts'
import { Form } from '../../parts/form.tsx'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { useWords } from '../../words/language.ts'
import type { Input } from '../keys/input.ts'
import { plainText } from '../keys/paste.ts'
import { difference } from '../keys/raw-field.ts'

const DRAFT_CHARS_MAX = 20_000
const FIELD_PX_MAX = 132

interface ComposeProps {
  /** names the draft: one for each terminal of each machine */
  readonly draftKey: string
  readonly stale: boolean
  /** the program reads a secret: the draft is hidden and not kept */
  readonly secret: boolean
  readonly input: Input
  /** False: it was not taken, and stays a draft until `sent` is called. */
  readonly onSend: (text: string, sent: () => void) => boolean
  readonly onFocus: () => void
  /** an agent is in front, which takes whole messages */
  readonly forAgent: boolean
  /** the field was asked for by a tap, and opens the soft keyboard */
  readonly opens: boolean
  /** back to the keys, where the field stands in their place; null where it has its own row */
  readonly onLeave: (() => void) | null
}

/**
 * A real field for real writing: any keyboard, any language, dictation. Enter sends, Shift+Enter makes a new line. What
 * follows a sticky key of the bar is for the program, not for the draft.
 */
export function Compose(props: ComposeProps) {
  const { draftKey, stale, secret, input, onSend, onFocus, onLeave, forAgent, opens } = props
  const text = useWords()
  const field = useRef<HTMLTextAreaElement>(null)
  const [draft, change] = useDraft(draftKey, secret)
  useLayoutEffect(() => {
    if (field.current === null) return
    field.current.style.height = '0'
    field.current.style.height = `${Math.min(FIELD_PX_MAX, Math.max(44, field.current.scrollHeight + 2))}px`
  }, [draft])
  useEffect(() => {
    if (opens) field.current?.focus()
  }, [])
  const send = () => {
    const sent = () => change('')
    if (onSend(draft, sent)) sent()
  }
  return (
    <Form class="compose" onSubmit={send}>
      {onLeave === null ? null : <IconButton icon="cross" label={text.term.showKeys} onClick={onLeave} />}
      <label class="vh" for="compose">
        {text.term.compose}
      </label>
      <textarea
        id="compose"
        ref={field}
        class={`box${secret ? ' secret' : ''}`}
        rows={1}
        value={draft}
        placeholder={stale ? text.term.composeHeld : forAgent ? text.typing.toAgent : text.term.composeHint}
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="send"
        onFocus={onFocus}
        onBeforeInput={(event) => toProgram(event, input)}
        onInput={(event) => {
          // A keyboard that composes words cannot be stopped: its text is taken out again.
          const letter = input.isModified ? letterIn(difference(draft, event.currentTarget.value)) : null
          if (letter === null) return change(event.currentTarget.value)
          event.currentTarget.value = draft
          input.text(letter)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && onLeave !== null) return onLeave()
          if (event.key !== 'Enter' || event.isComposing) return
          if (input.isModified) {
            event.preventDefault()
            input.key('Enter')
          } else if (!event.shiftKey) {
            event.preventDefault()
            send()
          }
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
    </Form>
  )
}

/**
 * The draft of one terminal, kept by this browser. One that was written into a question for a secret is never kept, also not
 * after the question; and one that stood there before it was asked is kept no longer.
 */
function useDraft(draftKey: string, secret: boolean): readonly [string, (next: string) => void] {
  const [draft, setDraft] = useState(() => kept(draftKey) ?? '')
  const tainted = useRef(false)
  const of = useRef(draftKey)
  tainted.current = secret || (of.current === draftKey && tainted.current && draft !== '')
  of.current = draftKey
  useEffect(() => setDraft(kept(draftKey) ?? ''), [draftKey])
  useEffect(() => {
    if (secret) keep(draftKey, null)
  }, [secret, draftKey])
  const change = (next: string) => {
    setDraft(next)
    keep(draftKey, next === '' || tainted.current ? null : next.slice(0, DRAFT_CHARS_MAX))
  }
  return [draft, change]
}

/** The one typed character; null for a paste or a word, which always belong to the draft. */
function letterIn(put: string): string | null {
  const typed = put.replace(/^\u007f+/, '')
  return [...typed].length === 1 && !isInserted(typed) ? typed : null
}

const isInserted = (text: string): boolean => text !== plainText(text) || /[\r\n]/.test(text)

/** Sends typed text to the program while a sticky key is held, before it reaches the field. */
function toProgram(event: InputEvent, input: Input): void {
  if (!input.isModified || !event.cancelable) return
  const letter = event.inputType === 'insertText' ? letterIn(event.data ?? '') : null
  if (letter !== null) {
    event.preventDefault()
    input.text(letter)
  } else if (event.inputType === 'deleteContentBackward') {
    event.preventDefault()
    input.key('Backspace')
  }
}
