import { subject } from '@latchkey/connection/observable'
import { useEffect } from 'preact/hooks'

/** A keyboard is at least this high; less is a bar of the browser. */
const KEYBOARD_PX_MIN = 120
/** Below these heights the bars around the terminal yield (design, "Landscape and low windows"). */
const FULL_PX_MIN = 480
const LOW_PX_MIN = 300

/** How much height there is: all bars; one row above and one below; only the screen and a row of keys. */
export type Room = 'full' | 'low' | 'least'

/** The emulator's line height, in heights of a letter: where hardly a row is left, rows count more than the air between them. */
export const LINE_HEIGHTS: Readonly<Record<Room, number>> = { full: 1.3, low: 1.3, least: 1.1 }

export const roomOfHeight = (px: number): Room =>
  px >= FULL_PX_MIN ? 'full' : px >= LOW_PX_MIN ? 'low' : 'least'

const visibleHeight = (): number => window.visualViewport?.height ?? window.innerHeight

/** The present room. A pinch zoom does not change it. */
export const room = subject<Room>(roomOfHeight(visibleHeight()))

/**
 * Keeps the page as high as what can be seen. Soft keyboards of iOS only shrink the visual viewport and leave the page as
 * it is, so that a prompt would lie beneath them.
 */
export function useVisibleHeight(onChange: () => void): void {
  useEffect(() => {
    const view = window.visualViewport
    const root = document.documentElement
    const follow = () => {
      const height = visibleHeight()
      root.style.setProperty('--visible-height', `${height}px`)
      root.style.setProperty('--visible-top', `${view?.offsetTop ?? 0}px`)
      root.classList.toggle('keyboard-open', screenHeightHidden(height) > KEYBOARD_PX_MIN)
      const now = roomOfHeight(height * (view?.scale ?? 1))
      root.dataset.room = now
      if (now !== room.current) room.set(now)
      onChange()
    }
    follow()
    view?.addEventListener('resize', follow)
    view?.addEventListener('scroll', follow)
    addEventListener('resize', follow)
    return () => {
      view?.removeEventListener('resize', follow)
      view?.removeEventListener('scroll', follow)
      removeEventListener('resize', follow)
      root.classList.remove('keyboard-open')
      delete root.dataset.room
    }
  }, [])
}

/** How much of the window is covered, by a keyboard mostly; with `resizes-content` the window itself shrinks, so the screen is asked too. */
const screenHeightHidden = (visible: number): number =>
  matchMedia('(pointer: coarse)').matches
    ? Math.max(window.innerHeight, screen.availHeight * 0.8) - visible
    : 0
