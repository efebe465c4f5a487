// Before the first paint, so that a chosen theme never flashes. A file of its own: the content policy allows no inline scripts.
try {
  const theme = localStorage.getItem('latchkey.theme')
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme
} catch {
  // A browser that keeps nothing has no choice to apply.
}
