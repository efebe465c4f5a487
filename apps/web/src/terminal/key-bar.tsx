import { useRef, useState } from 'preact/hooks'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import type { Input } from './input.ts'
import { type BarKey, KEY_SETS } from './key-sets.ts'
import type { Hold } from './modifiers.ts'

const REPEAT_AFTER_MS = 400
const REPEAT_EVERY_MS = 60
const SWIPE_PX_MIN = 30

/** Keys that soft keyboards lack. They act when touched and never take the focus, so that the keyboard stays. */
export function KeyBar({ input }: { readonly input: Input }) {
  const text = useObservable(words)
  const held = useObservable(input.modifiers)
  const [set, setSet] = useState(0)
  const swipeFrom = useRef<number | null>(null)
  const keys = KEY_SETS[set] ?? KEY_SETS[0]
  const turn = (by: number) => setSet((set + by + KEY_SETS.length) % KEY_SETS.length)
  return (
    <div class="keybar">
      <div class="keys" role="toolbar" aria-label={text.term.keys} onKeyDown={walk}>
        {keys.map((key, index) =>
          key.kind === 'modifier' ? (
            <ModifierKey
              key={key.label}
              label={key.label}
              hold={held[key.modifier]}
              first={index === 0}
              onTap={() => input.tapModifier(key.modifier, performance.now())}
            />
          ) : (
            <PlainKey
              key={key.label}
              bar={key}
              name={key.name === null ? null : text.keys[key.name]}
              first={index === 0}
              onAct={() => act(key, input)}
            />
          ),
        )}
      </div>
      <button
        type="button"
        class="sets"
        aria-label={text.term.moreKeys}
        onMouseDown={(event) => event.preventDefault()}
        onPointerDown={(event) => {
          event.preventDefault()
          swipeFrom.current = event.clientX
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={(event) => {
          const moved = event.clientX - (swipeFrom.current ?? event.clientX)
          turn(moved > SWIPE_PX_MIN ? -1 : 1)
        }}
        onClick={(event) => event.detail === 0 && turn(1)}
      >
        {KEY_SETS.map((each, index) => (
          <i key={each[0]?.label} class={index === set ? 'now' : ''} />
        ))}
      </button>
    </div>
  )
}

function act(key: Exclude<BarKey, { readonly kind: 'modifier' }>, input: Input): void {
  if (key.kind === 'text') input.text(key.text)
  else input.key(key.key, { ctrl: false, alt: false, shift: key.shift ?? false })
}

interface ModifierKeyProps {
  readonly label: string
  readonly hold: Hold
  readonly first: boolean
  readonly onTap: () => void
}

function ModifierKey({ label, hold, first, onTap }: ModifierKeyProps) {
  const { keys } = useObservable(words)
  const said = hold === 'locked' ? keys.locked(label) : hold === 'next' ? keys.nextOnly(label) : label
  return (
    <button
      type="button"
      class={`key${hold === 'locked' ? ' lock' : ''}`}
      aria-label={said}
      aria-pressed={hold !== 'off'}
      tabIndex={first ? 0 : -1}
      {...touching(onTap)}
    >
      {label}
    </button>
  )
}

interface PlainKeyProps {
  readonly bar: Exclude<BarKey, { readonly kind: 'modifier' }>
  /** what a sign is called; words are their own name */
  readonly name: string | null
  readonly first: boolean
  readonly onAct: () => void
}

function PlainKey({ bar, name, first, onAct }: PlainKeyProps) {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const stop = () => {
    if (timer.current !== null) clearTimeout(timer.current)
    timer.current = null
  }
  const repeat = () => {
    onAct()
    timer.current = setTimeout(repeat, REPEAT_EVERY_MS)
  }
  const begin = () => {
    onAct()
    if (bar.repeats) timer.current = setTimeout(repeat, REPEAT_AFTER_MS)
  }
  return (
    <button
      type="button"
      class={`key${bar.symbol ? ' sym' : ''}`}
      {...(name === null ? {} : { 'aria-label': name })}
      tabIndex={first ? 0 : -1}
      {...touching(begin)}
      onPointerUp={stop}
      onPointerCancel={stop}
      onPointerLeave={stop}
    >
      {bar.label}
    </button>
  )
}

/** Acts on the touch itself, without the focus; a keyboard's Enter and a screen reader's tap come as clicks of no pointer. */
const touching = (run: () => void) => ({
  onPointerDown: (event: PointerEvent) => {
    if (event.button !== 0) return
    event.preventDefault()
    run()
  },
  // What follows a touch would move the focus all the same.
  onMouseDown: (event: MouseEvent) => event.preventDefault(),
  onContextMenu: (event: Event) => event.preventDefault(),
  onClick: (event: MouseEvent) => {
    if (event.detail === 0) run()
  },
})

/** A toolbar is one stop of the Tab key; arrows walk in it. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[event.key]
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return
  const keys = [...event.currentTarget.querySelectorAll<HTMLElement>('.key')]
  const at = keys.findIndex((key) => key === document.activeElement)
  keys[(at + step + keys.length) % keys.length]?.focus()
  event.preventDefault()
}
