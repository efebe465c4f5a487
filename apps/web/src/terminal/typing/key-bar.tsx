import type { TargetedPointerEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { useWideRow } from '../frame/use-desktop.ts'
import type { Input } from '../keys/input.ts'
import { type BarKey, KEY_SETS, NARROW_ROWS, WIDE_ROWS } from '../keys/key-sets.ts'
import { endOf, movedTo, type Touch, touchedAt } from '../keys/key-swipe.ts'
import type { Hold } from '../keys/modifiers.ts'

const REPEAT_AFTER_MS = 400
const REPEAT_EVERY_MS = 60

interface KeyBarProps {
  readonly input: Input
}

/** Keys that soft keyboards lack, in two rows. */
export function KeyBar({ input }: KeyBarProps) {
  const text = useWords()
  const { set, keys, turn } = useSets(KEY_SETS)
  return (
    <div class="keybar">
      <Keys keys={keys} input={input} onTurn={turn} />
      <button
        type="button"
        class="sets"
        aria-label={text.term.moreKeys}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => turn(1)}
      >
        {KEY_SETS.map((each, index) => (
          <i key={each[0]?.label} class={index === set ? 'now' : ''} />
        ))}
      </button>
    </div>
  )
}

/** The same in one row, for a phone on its side. `state` is the link, which has no row of its own there. */
export function SlimKeyBar(
  props: KeyBarProps & { readonly state: preact.ComponentChildren; readonly onCompose: () => void },
) {
  const text = useWords()
  const isWide = useWideRow()
  const { keys, turn } = useSets(isWide ? WIDE_ROWS : NARROW_ROWS)
  return (
    <div class="keybar slim">
      {isWide ? props.state : null}
      <Keys keys={keys} input={props.input} onTurn={turn} />
      <button type="button" class="vh" onClick={() => turn(1)}>
        {text.term.moreKeys}
      </button>
      <button type="button" class="key pencil" aria-label={text.term.composeHint} onClick={props.onCompose}>
        <Icon name="pencil" />
      </button>
    </div>
  )
}

function useSets(sets: readonly (readonly BarKey[])[]) {
  const [wanted, setWanted] = useState(0)
  const set = wanted % sets.length
  const turn = (by: number) => setWanted((set + by + sets.length) % sets.length)
  return { set, keys: sets[set] ?? [], turn }
}

/**
 * One set of keys. A key acts when the finger leaves it, a held one that repeats after a while; a finger that goes sideways
 * turns the set and types nothing. They never take the focus, so that the keyboard stays.
 */
function Keys(props: {
  readonly keys: readonly BarKey[]
  readonly input: Input
  readonly onTurn: (by: number) => void
}) {
  const text = useWords()
  const held = useObservable(props.input.modifiers)
  const { keys, input, onTurn } = props
  const press = usePress(keys, input, onTurn)
  return (
    <div
      class="keys"
      role="toolbar"
      aria-label={text.term.keys}
      onKeyDown={walk}
      onMouseDown={(event) => event.preventDefault()}
      onContextMenu={(event) => event.preventDefault()}
      {...press}
      // A keyboard's Enter and a screen reader's tap come as clicks of no pointer.
      onClick={(event) => {
        const key = keys[indexOf(event.target)]
        if (event.detail === 0 && key !== undefined) act(key, input)
      }}
    >
      {keys.map((key, index) =>
        key.kind === 'modifier' ? (
          <ModifierKey key={key.label} label={key.label} hold={held[key.modifier]} index={index} />
        ) : (
          <button
            key={key.label}
            type="button"
            class={`key${key.symbol ? ' sym' : ''}`}
            {...(key.name === null ? {} : { 'aria-label': text.keys[key.name] })}
            data-index={index}
            tabIndex={index === 0 ? 0 : -1}
          >
            {key.label}
          </button>
        ),
      )}
    </div>
  )
}

/** The handlers of a finger or a mouse on the keys. */
function usePress(keys: readonly BarKey[], input: Input, onTurn: (by: number) => void) {
  const touch = useRef<Touch>({ is: 'up' })
  const pressed = useRef<BarKey | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const repeated = useRef(false)
  const stop = () => {
    if (timer.current !== null) clearTimeout(timer.current)
    timer.current = null
  }
  const repeat = (key: BarKey) => {
    repeated.current = true
    act(key, input)
    timer.current = setTimeout(() => repeat(key), REPEAT_EVERY_MS)
  }
  const end = () => {
    stop()
    touch.current = { is: 'up' }
    pressed.current = null
  }
  return {
    onPointerDown(event: TargetedPointerEvent<HTMLElement>) {
      const key = keys[indexOf(event.target)]
      if (event.button !== 0 || key === undefined) return
      event.preventDefault()
      event.currentTarget.setPointerCapture(event.pointerId)
      touch.current = touchedAt(event.clientX, event.clientY)
      pressed.current = key
      repeated.current = false
      stop()
      if (key.repeats === true) timer.current = setTimeout(() => repeat(key), REPEAT_AFTER_MS)
    },
    onPointerMove(event: PointerEvent) {
      touch.current = movedTo(touch.current, event.clientX, event.clientY)
      if (touch.current.is !== 'down') stop()
    },
    onPointerUp(event: PointerEvent) {
      const ended = endOf(touch.current, event.clientX)
      const key = pressed.current
      end()
      if (ended === 'key' && key !== null && !repeated.current) act(key, input)
      else if (typeof ended === 'number' && !repeated.current) onTurn(ended)
    },
    onPointerCancel: end,
  }
}

const indexOf = (target: EventTarget | null): number => {
  const key = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
  return Number(key?.dataset.index ?? -1)
}

function act(key: BarKey, input: Input): void {
  if (key.kind === 'modifier') input.tapModifier(key.modifier, performance.now())
  else if (key.kind === 'text') input.text(key.text)
  else input.key(key.key, { ctrl: false, alt: false, shift: key.shift ?? false })
}

interface ModifierKeyProps {
  readonly label: string
  readonly hold: Hold
  readonly index: number
}

function ModifierKey({ label, hold, index }: ModifierKeyProps) {
  const { keys } = useWords()
  const said = hold === 'locked' ? keys.locked(label) : hold === 'next' ? keys.nextOnly(label) : label
  return (
    <button
      type="button"
      class={`key${hold === 'locked' ? ' lock' : ''}`}
      aria-label={said}
      aria-pressed={hold !== 'off'}
      data-index={index}
      tabIndex={index === 0 ? 0 : -1}
    >
      {label}
    </button>
  )
}

/** A toolbar is one stop of the Tab key; arrows walk in it. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[event.key]
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return
  const keys = [...event.currentTarget.querySelectorAll<HTMLElement>('.key')]
  const at = keys.findIndex((key) => key === document.activeElement)
  keys[(at + step + keys.length) % keys.length]?.focus()
  event.preventDefault()
}
