import type { Platform } from '@latchkey/connection/transport'
import { webSockets } from '@latchkey/connection/web-socket'

/** The browser's clock, sockets and randomness. `getRandomValues` exists on plain HTTP too, `crypto.subtle` does not. */
export const browserPlatform: Platform = {
  openSocket: webSockets((url) => new WebSocket(url)),
  randomBytes: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Features that this browser may withhold, mostly on plain HTTP. All essential ones work without them. */
export const withheld = {
  readClipboard: () => !('clipboard' in navigator) || !('readText' in navigator.clipboard),
  install: () => !isSecureContext,
}

/** How this app calls itself for the person at the machine: "Chrome on Android". Reported, so never proof of anything. */
export function ownLabel(agent: string): string {
  const system = /iPhone/.test(agent)
    ? 'iPhone'
    : /iPad/.test(agent)
      ? 'iPad'
      : /Android/.test(agent)
        ? 'Android'
        : /Mac OS X/.test(agent)
          ? 'Mac'
          : /Windows/.test(agent)
            ? 'Windows'
            : /Linux|X11|CrOS/.test(agent)
              ? 'Linux'
              : ''
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /Firefox|FxiOS/.test(agent)
      ? 'Firefox'
      : /SamsungBrowser/.test(agent)
        ? 'Samsung Internet'
        : /Chrome|CriOS/.test(agent)
          ? 'Chrome'
          : /Safari/.test(agent)
            ? 'Safari'
            : 'Browser'
  return system === '' ? browser : `${browser} on ${system}`
}

/** A finger is the main pointer: no hover, a soft keyboard. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches

/** Puts `text` on the clipboard; false where the browser does not let this page, or only from a tap. */
export async function copyText(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return copyByCommand(text)
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copyByCommand(text),
  )
}

/** The older way, which pages have on plain HTTP too; from a tap or a key only. The focus stays where it was. */
function copyByCommand(text: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.setAttribute('aria-hidden', 'true')
  field.style.cssText = 'position:fixed;top:0;left:0;opacity:0'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  return copied
}
