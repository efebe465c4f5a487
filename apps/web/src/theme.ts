import { subject } from '@latchkey/connection/observable'
import { keep, kept } from './kept.ts'

export const THEMES = ['system', 'dark', 'light'] as const
export type Theme = (typeof THEMES)[number]

const light = matchMedia('(prefers-color-scheme: light)')
const chosenAtStart = kept('theme')

/** What the person chose; `public/theme.js` applies it before the first paint. */
export const theme = subject<Theme>(
  chosenAtStart === 'dark' || chosenAtStart === 'light' ? chosenAtStart : 'system',
)

/** What is drawn: the choice, else the system's. The terminal takes its colours anew when this changes. */
export const drawnTheme = subject<'dark' | 'light'>(drawn())
light.addEventListener('change', () => drawnTheme.set(drawn()))

function drawn(): 'dark' | 'light' {
  if (theme.current !== 'system') return theme.current
  return light.matches ? 'light' : 'dark'
}

export function chooseTheme(chosen: Theme): void {
  keep('theme', chosen === 'system' ? null : chosen)
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  theme.set(chosen)
  drawnTheme.set(drawn())
}
