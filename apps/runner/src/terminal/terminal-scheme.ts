import type { LivingScreen } from './living-screen.ts'

/** How an app draws a terminal. */
export type Theme = 'dark' | 'light'

/**
 * Whether a terminal counts as light or dark, which its programs may ask. Each app that shows it says how it draws: the app whose size
 * it has decides, else the app that showed it or typed last. When no app shows it any more, the last theme stays.
 */
export class TerminalScheme {
  readonly #owner: () => string | null
  readonly #withScreen: (tell: (screen: Pick<LivingScreen, 'scheme'>) => void) => void
  /** by app, the latest last */
  readonly #themes = new Map<string, Theme>()
  #theme: Theme = 'dark'

  /** @param owner the app whose size the terminal has; null while there is none */
  constructor(
    owner: () => string | null,
    withScreen: (tell: (screen: Pick<LivingScreen, 'scheme'>) => void) => void,
  ) {
    this.#owner = owner
    this.#withScreen = withScreen
  }

  get isLight(): boolean {
    return this.#theme === 'light'
  }

  /** This app shows the terminal to a person, so. */
  shown(app: string, theme: Theme): void {
    this.#themes.delete(app)
    this.#themes.set(app, theme)
    this.decide()
  }

  /** This app typed. */
  typed(app: string): void {
    const theme = this.#themes.size < 2 ? undefined : this.#themes.get(app)
    if (theme !== undefined) this.shown(app, theme)
  }

  /** This app does not show it any more. */
  hidden(app: string): void {
    if (this.#themes.delete(app)) this.decide()
  }

  /** Another app may have the size now. */
  decide(): void {
    const owner = this.#owner()
    const owners = owner === null ? undefined : this.#themes.get(owner)
    const theme = owners ?? [...this.#themes.values()].at(-1) ?? this.#theme
    if (theme === this.#theme) return
    this.#theme = theme
    this.#withScreen((screen) => screen.scheme(this.isLight))
  }
}
