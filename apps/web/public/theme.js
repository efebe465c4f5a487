// Before the first paint, so that no theme flashes. A file of its own: the content policy allows no inline scripts.
let theme = null
try {
  theme = localStorage.getItem('latchkey.theme')
} catch {
  // A browser that keeps nothing has no choice to apply.
}
if (theme !== 'dark' && theme !== 'light')
  theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
document.documentElement.dataset.theme = theme
