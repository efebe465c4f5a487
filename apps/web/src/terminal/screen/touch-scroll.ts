import { listening } from '../../listening.ts'
import type { Screen } from './screen.ts'
import type { Point } from './wheel.ts'

/** How much of its speed a thrown text keeps each 16 ms, and below which speed (px/ms) it stands still. */
const GLIDE = 0.95
const STILL_PX_PER_MS = 0.02

/**
 * Scrolls with one finger: the lines above the screen, with momentum; in a full-screen program, or one that listens to the
 * mouse, the program itself by its wheel. A screen larger than the window is moved under the window first.
 */
export function scrollByTouch(room: HTMLElement, screen: Screen): () => void {
  const owner = new AbortController()
  const { signal } = owner
  const watching = listening(room, { signal, passive: true })
  const taking = listening(room, { signal, passive: false })
  let last: { readonly x: number; readonly y: number; readonly atMs: number } | null = null
  let speed = 0
  let at: Point = { x: 0, y: 0 }
  let gliding = 0

  const scroll = (dx: number, dy: number) => {
    const { element } = screen
    element.scrollLeft -= dx
    const before = element.scrollTop
    element.scrollTop -= dy
    // What moved the window over the screen does not move the text as well.
    screen.scrollBy(dy - (before - element.scrollTop), at)
  }
  const glide = () => {
    if (Math.abs(speed) < STILL_PX_PER_MS) return
    speed *= GLIDE
    scroll(0, speed * 16)
    gliding = requestAnimationFrame(glide)
  }
  watching('touchstart', (event) => {
    cancelAnimationFrame(gliding)
    const touch = event.touches[0]
    speed = 0
    screen.beginScroll()
    last =
      touch !== undefined && event.touches.length === 1
        ? { x: touch.clientX, y: touch.clientY, atMs: event.timeStamp }
        : null
  })
  taking('touchmove', (event) => {
    const touch = event.touches[0]
    if (last === null || touch === undefined || event.touches.length !== 1) return
    event.preventDefault()
    const [dx, dy] = [touch.clientX - last.x, touch.clientY - last.y]
    speed = dy / Math.max(1, event.timeStamp - last.atMs)
    last = { x: touch.clientX, y: touch.clientY, atMs: event.timeStamp }
    at = last
    scroll(dx, dy)
  })
  watching('touchend', (event) => {
    // After a rest of the finger the text does not glide on.
    const rested = last === null || event.timeStamp - last.atMs > 60
    last = null
    if (!rested && !matchMedia('(prefers-reduced-motion: reduce)').matches)
      gliding = requestAnimationFrame(glide)
  })
  return () => {
    cancelAnimationFrame(gliding)
    owner.abort()
  }
}
