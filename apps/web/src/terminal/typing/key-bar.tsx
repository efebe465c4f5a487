import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { useWideRow } from '../frame/use-desktop.ts'
import type { BarKey } from '../keys/bar-keys.ts'
import { keySets, snippets } from '../keys/edited-keys.ts'
import type { Input } from '../keys/input.ts'
import { narrowRows, pagesOf, type SetName, wideRows } from '../keys/key-sets.ts'
import type { Hold, Modifiers } from '../keys/modifiers.ts'
import { tick } from '../keys/vibration.ts'
import { usePress } from './key-press.ts'

/** A second tap that comes later was a new wish. */
const AGAIN_WITHIN_MS = 4_000

export interface KeyBarProps {
  readonly input: Input
  /** the keys of what runs in front */
  readonly set: SetName
  /** the program reads a secret: nothing that was written before is typed into it */
  readonly secret: boolean
  readonly onPaste: () => void
}

/** Keys that soft keyboards lack, in two rows. */
export function KeyBar(props: KeyBarProps) {
  const text = useWords()
  const sets = useObservable(keySets)
  const { page, pages, turn } = usePages(pagesOf(sets, props.set, useObservable(snippets)), props.set)
  return (
    <div class="keybar">
      <Keys {...props} keys={pages[page] ?? []} onTurn={turn} />
      <button
        type="button"
        class="sets"
        aria-label={text.term.moreKeys}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => turn(1)}
      >
        {pages.map((each, index) => (
          <i key={`${index} ${each[0]?.id}`} class={index === page ? 'now' : ''} />
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
  const sets = useObservable(keySets)
  const rows = (isWide ? wideRows : narrowRows)(sets, props.set, useObservable(snippets))
  const { page, pages, turn } = usePages(rows, props.set)
  return (
    <div class="keybar slim">
      {isWide ? props.state : null}
      <Keys {...props} keys={pages[page] ?? []} onTurn={turn} />
      <button type="button" class="vh" onClick={() => turn(1)}>
        {text.term.moreKeys}
      </button>
      <button type="button" class="key pencil" aria-label={text.term.composeHint} onClick={props.onCompose}>
        <Icon name="pencil" />
      </button>
    </div>
  )
}

/** The page in sight; another program in front begins at its own first one. */
function usePages(pages: readonly (readonly BarKey[])[], set: SetName) {
  const [wanted, setWanted] = useState({ set, page: 0 })
  const page = wanted.set === set ? wanted.page % pages.length : 0
  const turn = (by: number) => setWanted({ set, page: (page + by + pages.length) % pages.length })
  return { page, pages, turn }
}

/** One page of keys. They never take the focus, so that the keyboard stays, or stays away. */
function Keys(
  props: KeyBarProps & { readonly keys: readonly BarKey[]; readonly onTurn: (by: number) => void },
) {
  const { keys, input, set, secret, onPaste, onTurn } = props
  const text = useWords()
  const held = useObservable(input.modifiers)
  const [armed, arm] = useArmed(keys)
  const keyAt = (target: EventTarget | null) => keys[indexOf(target)]
  const onKey = (key: BarKey) => {
    if (key.kind === 'snippet' && secret) return
    tick()
    if (key.twice === true && armed !== key.id) return arm(key.id)
    arm(null)
    act(key, input, onPaste)
  }
  const press = usePress(keyAt, input, onKey, onTurn)
  return (
    <>
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
          const key = keyAt(event.target)
          if (event.detail === 0 && key !== undefined) onKey(key)
        }}
      >
        {keys.map((key, index) => (
          <KeyCap
            key={key.id}
            bar={key}
            hold={key.kind === 'modifier' ? held[key.modifier] : null}
            armed={armed === key.id}
            off={key.kind === 'snippet' && secret}
            index={index}
          />
        ))}
      </div>
      <p class="vh" role="status">
        {text.keyBar.setOf[set]}
      </p>
      <p class="vh" role="status">
        {armed === null ? saidOf(held, text) : text.keyBar.again}
      </p>
    </>
  )
}

type Text = ReturnType<typeof useWords>

const MODIFIER_LABELS = { ctrl: 'Ctrl', alt: 'Alt', shift: 'Shift' } as const

/** The modifiers that wait, for screen readers. */
const saidOf = (held: Modifiers, text: Text): string =>
  (['ctrl', 'alt', 'shift'] as const)
    .filter((modifier) => held[modifier] !== 'off')
    .map((modifier) => holdSaid(MODIFIER_LABELS[modifier], held[modifier], text))
    .join(', ')

function holdSaid(label: string, hold: Hold, { keys }: Text): string {
  if (hold === 'locked') return keys.locked(label)
  if (hold === 'held') return keys.heldDown(label)
  return hold === 'next' ? keys.nextOnly(label) : label
}

/** The key that waits for its second tap; another page or a while forgets it. */
function useArmed(keys: readonly BarKey[]) {
  const [armed, arm] = useState<string | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const isHere = armed !== null && keys.some(({ id }) => id === armed)
  useEffect(() => {
    if (armed === null) return
    timer.current = setTimeout(() => arm(null), AGAIN_WITHIN_MS)
    return () => {
      if (timer.current !== null) clearTimeout(timer.current)
    }
  }, [armed])
  return [isHere ? armed : null, arm] as const
}

interface KeyCapProps {
  readonly bar: BarKey
  /** null for a key that is no modifier */
  readonly hold: Hold | null
  readonly armed: boolean
  readonly off: boolean
  readonly index: number
}

function KeyCap({ bar, hold, armed, off, index }: KeyCapProps) {
  const text = useWords()
  const label = labelOf(bar, text)
  const name = hold === null ? (bar.name === null ? null : text.keys[bar.name]) : holdSaid(label, hold, text)
  const said = armed ? text.keys.again(name ?? label) : name
  const look = `${bar.symbol === true ? ' sym' : ''}${hold === 'locked' ? ' lock' : ''}${armed ? ' armed' : ''}${
    label.length > 5 ? ' long' : ''
  }`
  return (
    <button
      type="button"
      class={`key${look}`}
      {...(said === null ? {} : { 'aria-label': said })}
      {...(hold === null ? {} : { 'aria-pressed': hold !== 'off' })}
      {...(off ? { 'aria-disabled': true } : {})}
      data-index={index}
      tabIndex={index === 0 ? 0 : -1}
    >
      {bar.kind === 'paste' ? (
        <Icon name="clipboard" />
      ) : (
        <span>{armed ? text.keyBar.againShort : label}</span>
      )}
    </button>
  )
}

/** The text on a key. */
export const labelOf = (key: BarKey, text: Text): string =>
  key.kind === 'paste' ? text.term.paste : key.id === 'Space' ? text.keys.space : key.label

const indexOf = (target: EventTarget | null): number => {
  const key = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
  return Number(key?.dataset.index ?? -1)
}

function act(key: BarKey, input: Input, onPaste: () => void): void {
  switch (key.kind) {
    case 'modifier':
      return input.tapModifier(key.modifier, performance.now())
    case 'text':
      return void input.text(key.text)
    case 'key':
      return void input.key(key.key, { ctrl: false, alt: false, shift: key.shift ?? false })
    case 'paste':
      return onPaste()
    case 'snippet':
      return void input.snippet(key.snippet.text, key.snippet.enter)
  }
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
