import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** An installed release has the pages beside its programs; the repository has them in the room `web`. */
const PLACES = ['../web', '../../../web/served'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** Where the built pages are, or will be. */
export const builtPages = (): string =>
  PLACES.find((place) => existsSync(`${place}/index.html`)) ?? PLACES[1] ?? ''
