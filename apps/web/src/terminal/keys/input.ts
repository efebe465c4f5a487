import type { Typed } from '@latchkey/connection/app/link'
import { type Subject, subject } from '@latchkey/connection/observable'
import { type KeyboardAsked, NOTHING_ASKED } from './key-encoding.ts'
import { sequenceOf, withModifiers } from './key-sequences.ts'
import {
  isHeld,
  type Modifier,
  type Modifiers,
  NO_MODIFIERS,
  pressed,
  released,
  tapped,
  used,
} from './modifiers.ts'
import { type HeldKeys, type NamedKey, NONE_HELD } from './named-key.ts'
import { composedInput, pasteInput, snippetInput } from './paste.ts'

/** What input is written to: a screen, as far as typing goes. */
export interface Typewriter {
  /** takes all of `bytes` or none */
  type(bytes: Uint8Array): Typed
  readonly bracketedPaste: boolean
  readonly applicationCursor: boolean
  readonly keyboardAsked: KeyboardAsked
}

/**
 * Everything a person does at the keys, the raw field and the compose field becomes bytes here, the sticky keys included.
 * Each call is one piece that is taken as a whole or refused as a whole. False: refused, and the screen says why.
 */
export interface Input {
  readonly modifiers: Subject<Modifiers>
  /** grows with each piece that was sent, by whatever key or field */
  readonly sentCount: number
  tapModifier(modifier: Modifier, atMs: number): void
  /** a finger rests on a modifier, or left it */
  holdModifier(modifier: Modifier, down: boolean): void
  /** a sticky modifier waits for its key */
  readonly isModified: boolean
  text(text: string, held?: HeldKeys): boolean
  key(key: NamedKey, held?: HeldKeys): boolean
  /** an edit of a soft keyboard: so many characters back, then text */
  edit(backspaces: number, text: string): boolean
  /** @param confirmed the person was asked about it */
  paste(text: string, confirmed: boolean): boolean
  compose(text: string): boolean
  /** text that the person keeps under a name; with Enter after it or without */
  snippet(text: string, enter: boolean): boolean
}

/** `target` answers with the screen in front, or null when there is none. */
export function createInput(target: () => Typewriter | null): Input {
  const modifiers = subject(NO_MODIFIERS)
  const encoder = new TextEncoder()
  let sentCount = 0
  const send = (text: string): boolean => {
    sentCount += 1
    return text === '' || target()?.type(encoder.encode(text)) === 'taken'
  }
  const stateOf = (held: HeldKeys) => ({
    ctrl: held.ctrl || isHeld(modifiers.current.ctrl),
    alt: held.alt || isHeld(modifiers.current.alt),
    shift: held.shift || isHeld(modifiers.current.shift),
    applicationCursor: target()?.applicationCursor ?? false,
    asked: target()?.keyboardAsked ?? NOTHING_ASKED,
  })
  const spend = () => modifiers.set(used(modifiers.current))
  const textOf = (text: string, held: HeldKeys) => {
    const state = stateOf(held)
    return withModifiers(isHeld(modifiers.current.shift) ? shifted(text) : text, state, state.asked)
  }
  const sendAndSpend = (text: string) => {
    const taken = send(text)
    spend()
    return taken
  }
  return {
    modifiers,
    get sentCount() {
      return sentCount
    },
    tapModifier: (modifier, atMs) => modifiers.set(tapped(modifiers.current, modifier, atMs)),
    holdModifier: (modifier, down) => modifiers.set((down ? pressed : released)(modifiers.current, modifier)),
    get isModified() {
      const { ctrl, alt, shift } = modifiers.current
      return isHeld(ctrl) || isHeld(alt) || isHeld(shift)
    },
    text: (text, held = NONE_HELD) => sendAndSpend(textOf(text, held)),
    key: (key, held = NONE_HELD) => sendAndSpend(sequenceOf(key, stateOf(held))),
    edit(backspaces, text) {
      const back = backspaces === 0 ? '' : sequenceOf('Backspace', stateOf(NONE_HELD)).repeat(backspaces)
      return sendAndSpend(back + (text === '' ? '' : textOf(text, NONE_HELD)))
    },
    paste: (text, confirmed) => send(pasteInput(text, target()?.bracketedPaste ?? false, confirmed)),
    compose: (text) => send(composedInput(text, target()?.bracketedPaste ?? false)),
    snippet: (text, enter) => send(snippetInput(text, target()?.bracketedPaste ?? false, enter)),
  }
}

/** Shift of the key bar is for one key, so for the first letter; a character without a capital stays. */
function shifted(text: string): string {
  const [first = ''] = text
  const upper = first.toUpperCase()
  return ([...upper].length === 1 ? upper : first) + text.slice(first.length)
}
