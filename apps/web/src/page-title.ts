/** The title of the browser's tab: the page's own, behind the number of terminals that need their person. */
let title = document.title
let count = 0

export function setTitle(next: string): void {
  title = next
  write()
}

/** `(2)` before the title, and the same on the app's icon where the system shows one. */
export function setNeedsCount(next: number): void {
  if (next === count) return
  count = next
  write()
  if (!('setAppBadge' in navigator)) return
  const shown = count === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(count)
  // A page that is not installed may have no icon to write on.
  shown.catch(() => {})
}

function write(): void {
  document.title = count === 0 ? title : `(${count}) ${title}`
}
