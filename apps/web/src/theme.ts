import { subject } from '@latchkey/connection/observable'
import { keep, kept } from './kept.ts'

export const THEMES = ['system', 'dark', 'light'] as const
export type Theme = (typeof THEMES)[number]

const light = matchMedia('(prefers-color-scheme: light)')
const chosenAtStart = kept('theme')

/** The chosen theme. `public/theme.js` draws by it before the first paint. */
export const theme = subject<Theme>(
  chosenAtStart === 'dark' || chosenAtStart === 'light' ? chosenAtStart : 'system',
)

/** The theme in use: the chosen one, else the system's. The terminal takes its colours anew when this changes. */
export const drawnTheme = subject<'dark' | 'light'>(drawn())
light.addEventListener('change', draw)
draw()

function drawn(): 'dark' | 'light' {
  if (theme.current !== 'system') return theme.current
  return light.matches ? 'light' : 'dark'
}

function draw(): void {
  document.documentElement.dataset.theme = drawn()
  drawnTheme.set(drawn())
}

export function chooseTheme(chosen: Theme): void {
  keep('theme', chosen === 'system' ? null : chosen)
  theme.set(chosen)
  draw()
}
