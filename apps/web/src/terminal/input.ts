import { type Subject, subject } from '@latchkey/connection/observable'
import { type NamedKey, sequenceOf, withModifiers } from './key-sequences.ts'
import { isHeld, type Modifier, type Modifiers, NO_MODIFIERS, tapped, used } from './modifiers.ts'
import { composedInput, pasteInput } from './paste.ts'

/** What input is written to: a screen, as far as typing goes. */
export interface Typewriter {
  type(bytes: Uint8Array): unknown
  readonly bracketedPaste: boolean
  readonly applicationCursor: boolean
}

/** Everything a person does at the keys, the raw field and the compose field becomes bytes here, the sticky keys included. */
export interface Input {
  readonly modifiers: Subject<Modifiers>
  tapModifier(modifier: Modifier, atMs: number): void
  text(text: string): void
  key(key: NamedKey, held?: { readonly ctrl: boolean; readonly alt: boolean; readonly shift: boolean }): void
  paste(text: string): void
  compose(text: string): void
}

const NONE_HELD = { ctrl: false, alt: false, shift: false }

/** `target` answers with the screen in front, or null when there is none. */
export function createInput(target: () => Typewriter | null): Input {
  const modifiers = subject(NO_MODIFIERS)
  const encoder = new TextEncoder()
  const send = (text: string) => {
    if (text !== '') target()?.type(encoder.encode(text))
  }
  const sticky = () => ({ ctrl: isHeld(modifiers.current.ctrl), alt: isHeld(modifiers.current.alt) })
  const spend = () => modifiers.set(used(modifiers.current))
  return {
    modifiers,
    tapModifier: (modifier, atMs) => modifiers.set(tapped(modifiers.current, modifier, atMs)),
    text(text) {
      send(withModifiers(text, sticky()))
      spend()
    },
    key(key, held = NONE_HELD) {
      const { ctrl, alt } = sticky()
      const applicationCursor = target()?.applicationCursor ?? false
      send(
        sequenceOf(key, {
          ctrl: ctrl || held.ctrl,
          alt: alt || held.alt,
          shift: held.shift,
          applicationCursor,
        }),
      )
      spend()
    },
    paste: (text) => send(pasteInput(text, target()?.bracketedPaste ?? false)),
    compose: (text) => send(composedInput(text, target()?.bracketedPaste ?? false)),
  }
}
