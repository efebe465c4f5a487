import type { TargetedPointerEvent } from 'preact'
import { useRef } from 'preact/hooks'
import type { BarKey } from '../keys/bar-keys.ts'
import type { Input } from '../keys/input.ts'
import { endOf, movedTo, type Touch, touchedAt } from '../keys/key-swipe.ts'
import { tick } from '../keys/vibration.ts'

const HOLD_AFTER_MS = 400
const REPEAT_EVERY_MS = 60

/** A finger on a key. */
interface Press {
  readonly key: BarKey
  touch: Touch
  /** it had its effect already: it repeats, or holds a modifier */
  done: boolean
  timer: ReturnType<typeof setTimeout> | null
}

/**
 * The handlers of fingers or a mouse on the keys. A key acts when the finger leaves it, since the finger may turn the page; a
 * resting finger repeats a key, or holds a modifier for the keys of other fingers.
 *
 * @param onKey types a key
 */
export function usePress(
  keyAt: (target: EventTarget | null) => BarKey | undefined,
  input: Input,
  onKey: (key: BarKey) => void,
  onTurn: (by: number) => void,
) {
  const presses = useRef(new Map<number, Press>()).current
  const stop = (press: Press) => {
    if (press.timer !== null) clearTimeout(press.timer)
    press.timer = null
  }
  const hold = (press: Press) => {
    if (press.key.kind !== 'modifier' || press.done) return
    press.done = true
    stop(press)
    input.holdModifier(press.key.modifier, true)
    tick()
  }
  const type = (key: BarKey) => {
    // Another finger rests on a modifier: they go together, as on a keyboard.
    if (key.kind !== 'modifier') for (const press of presses.values()) hold(press)
    onKey(key)
  }
  const repeat = (press: Press) => {
    press.done = true
    type(press.key)
    press.timer = setTimeout(() => repeat(press), REPEAT_EVERY_MS)
  }
  const end = (pointerId: number): Press | undefined => {
    const press = presses.get(pointerId)
    if (press === undefined) return undefined
    stop(press)
    presses.delete(pointerId)
    if (press.done && press.key.kind === 'modifier') input.holdModifier(press.key.modifier, false)
    return press
  }
  return {
    onPointerDown(event: TargetedPointerEvent<HTMLElement>) {
      const key = keyAt(event.target)
      if (event.button !== 0 || key === undefined) return
      event.preventDefault()
      event.currentTarget.setPointerCapture(event.pointerId)
      end(event.pointerId)
      const press: Press = { key, touch: touchedAt(event.clientX, event.clientY), done: false, timer: null }
      presses.set(event.pointerId, press)
      if (key.repeats === true) press.timer = setTimeout(() => repeat(press), HOLD_AFTER_MS)
      else if (key.kind === 'modifier') press.timer = setTimeout(() => hold(press), HOLD_AFTER_MS)
    },
    onPointerMove(event: PointerEvent) {
      const press = presses.get(event.pointerId)
      if (press === undefined) return
      press.touch = movedTo(press.touch, event.clientX, event.clientY)
      if (press.touch.is !== 'down') stop(press)
    },
    onPointerUp(event: PointerEvent) {
      const press = end(event.pointerId)
      if (press === undefined || press.done) return
      const ended = endOf(press.touch, event.clientX)
      if (ended === 'key') type(press.key)
      else if (ended !== null && presses.size === 0) onTurn(ended)
    },
    onPointerCancel(event: PointerEvent) {
      end(event.pointerId)
    },
  }
}
