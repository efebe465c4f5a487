import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { listening } from '../../listening.ts'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { isTouch } from '../../platform.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { byteSize } from '../../words/times.ts'
import type { Input } from '../keys/input.ts'
import { createRawInput, type RawInput } from '../keys/raw-input.ts'
import { tick } from '../keys/vibration.ts'
import { followCursor, revealCursor } from './follow-cursor.ts'
import { chooseFontPx, fontPx } from './font-size.ts'
import type { Screen } from './screen.ts'
import { holdToSelect } from './selection/hold-to-select.ts'
import type { SelectionWays } from './selection/selection-bar.tsx'
import { SelectionLayer } from './selection/selection-layer.tsx'
import { scrollByTouch } from './touch-scroll.ts'
import { tapsSelectNothing } from './touch-taps.ts'

interface ScreenPaneProps {
  readonly screen: Screen
  readonly name: string
  readonly input: Input
  readonly mayType: boolean
  readonly onPaste: (text: string) => void
  /** where to put the function that opens the soft keyboard */
  readonly onRaw: (raw: RawInput | null) => void
  readonly selected: SelectionWays
}

/** The screen in front, and what floats over it. */
export function ScreenPane(props: ScreenPaneProps) {
  const { screen, name, input, mayType, onPaste, onRaw } = props
  const text = useWords()
  const facts = useObservable(screen.facts)
  const place = useRef<HTMLDivElement>(null)
  const raw = useRef<RawInput | null>(null)
  const paste = useRef(onPaste)
  paste.current = onPaste
  screen.onInserted = onPaste

  useShown(place, screen, mayType)
  useEffect(() => {
    screen.mayType = mayType
  }, [screen, mayType])
  useEffect(() => {
    if (facts.pans) screen.element.setAttribute('aria-label', text.term.larger)
    screen.element.setAttribute('role', facts.pans ? 'region' : 'none')
  }, [screen, facts.pans, text])

  useEffect(() => {
    const room = place.current
    if (room === null || !isTouch() || !mayType) return
    const made = createRawInput(input, text.term.keyboard, (pasted) => paste.current(pasted))
    room.append(made.element)
    raw.current = made
    onRaw(made)
    return () => {
      made.dispose()
      made.element.remove()
      raw.current = null
      onRaw(null)
    }
  }, [input, mayType, text])

  return (
    <main class="screen" id="screen" aria-label={text.term.screenOf(name)}>
      <div
        class="room"
        ref={place}
        onClick={() => {
          // Focus opens the soft keyboard only within a tap.
          if (isTouch()) raw.current?.element.focus({ preventScroll: true })
        }}
        onPasteCapture={(event) => {
          if (event.target === raw.current?.element) return
          event.preventDefault()
          event.stopPropagation()
          paste.current(event.clipboardData?.getData('text/plain') ?? '')
        }}
      />
      <Floats screen={screen} />
      <SelectionLayer screen={screen} ways={props.selected} />
    </main>
  )
}

/** Shows the screen in its place, and lets fingers scroll and zoom it. */
function useShown(place: RefObject<HTMLDivElement | null>, screen: Screen, mayType: boolean): void {
  useEffect(() => {
    const room = place.current
    if (room === null) return
    screen.mount(room)
    screen.bringToFront(true)
    screen.emulator.textarea?.setAttribute('aria-describedby', 'terminal-keys')
    if (!isTouch() && mayType) screen.focus()
    const observer = new ResizeObserver(() => {
      screen.layOut()
      // A keyboard that opens never covers the line one types in.
      revealCursor(screen)
    })
    observer.observe(room)
    const stopFollowing = followCursor(screen)
    const stopScrolling = scrollByTouch(room, screen)
    const stopPinching = pinchChangesFont(room)
    const stopTaps = tapsSelectNothing(room, screen)
    const stopHolding = holdToSelect(room, screen.selection, tick)
    return () => {
      observer.disconnect()
      stopFollowing()
      stopScrolling()
      stopPinching()
      stopTaps()
      stopHolding()
      screen.selection.clear()
      screen.bringToFront(false)
    }
  }, [screen])
}

/** The buttons and notes over the screen. */
function Floats({ screen }: { readonly screen: Screen }) {
  const text = useWords()
  const facts = useObservable(screen.facts)
  return (
    <>
      {facts.atTop && facts.earlier !== 'none' && !facts.atEnd ? (
        <button
          type="button"
          class="pill-btn at-top"
          aria-disabled={facts.earlier === 'loading'}
          onClick={() => void screen.earlier()}
        >
          {facts.earlier === 'loading' ? text.term.earlierLoading : text.term.earlier}
        </button>
      ) : null}
      {facts.mouse && isTouch() ? (
        <button
          type="button"
          class="pill-btn wheel"
          aria-pressed={facts.scrollsHere}
          onClick={() => screen.scrollHere(!facts.scrollsHere)}
        >
          {facts.scrollsHere ? text.term.scrollHere : text.term.scrollProgram}
        </button>
      ) : null}
      {facts.gapBytes === null ? null : (
        <div class="strip">
          <p class="gap" role="status">
            {text.term.gap(byteSize(facts.gapBytes, text))}
          </p>
          <IconButton icon="cross" small label={text.term.dismiss} onClick={() => screen.dismiss('gap')} />
        </div>
      )}
      {facts.atEnd ? null : (
        <button type="button" class="pill-btn at-end" onClick={() => screen.emulator.scrollToBottom()}>
          <Icon name="toEnd" small />
          {text.term.jumpToEnd}
        </button>
      )}
      {facts.full === null ? null : (
        <p class="strip-note" role="alert">
          {text.term.full[facts.full]}
        </p>
      )}
    </>
  )
}

/** Two fingers change the letters, not the page: the page's own zoom stays for everything else. */
function pinchChangesFont(room: HTMLElement): () => void {
  const owner = new AbortController()
  const { signal } = owner
  let start: { readonly apart: number; readonly px: number } | null = null
  const apart = (touches: TouchList) =>
    Math.hypot(
      (touches[0]?.clientX ?? 0) - (touches[1]?.clientX ?? 0),
      (touches[0]?.clientY ?? 0) - (touches[1]?.clientY ?? 0),
    )
  listening(room, { signal, passive: true })('touchstart', (event) => {
    start = event.touches.length === 2 ? { apart: apart(event.touches), px: fontPx.current } : null
  })
  listening(room, { signal, passive: false })('touchmove', (event) => {
    if (start === null || event.touches.length !== 2) return
    event.preventDefault()
    chooseFontPx((start.px * apart(event.touches)) / start.apart)
  })
  return () => owner.abort()
}
