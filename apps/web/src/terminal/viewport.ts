import { useEffect } from 'preact/hooks'

/** A keyboard is at least this high; less is a bar of the browser. */
const KEYBOARD_PX_MIN = 120

/**
 * Keeps the page as high as what can be seen. Soft keyboards of iOS only shrink the visual viewport and leave the page as
 * it is, so that a prompt would lie beneath them.
 */
export function useVisibleHeight(onChange: () => void): void {
  useEffect(() => {
    const view = window.visualViewport
    const root = document.documentElement
    const follow = () => {
      const height = view?.height ?? window.innerHeight
      root.style.setProperty('--visible-height', `${height}px`)
      root.style.setProperty('--visible-top', `${view?.offsetTop ?? 0}px`)
      root.classList.toggle('keyboard-open', screenHeightHidden(height) > KEYBOARD_PX_MIN)
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
    }
  }, [])
}

/** How much of the window something covers; with `resizes-content` the window itself shrinks, so the screen is asked too. */
const screenHeightHidden = (visible: number): number =>
  matchMedia('(pointer: coarse)').matches
    ? Math.max(window.innerHeight, screen.availHeight * 0.8) - visible
    : 0
