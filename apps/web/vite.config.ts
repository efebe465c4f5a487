import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin, type Rolldown } from 'vite'

/** The files that every page needs: the first script and its static imports. */
function firstFiles(bundle: Rolldown.OutputBundle): readonly string[] {
  const found = new Set<string>()
  const add = (name: string): void => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || found.has(name)) return
    found.add(name)
    for (const css of chunk.viteMetadata?.importedCss ?? []) found.add(css)
    for (const imported of chunk.imports) add(imported)
  }
  for (const [name, chunk] of Object.entries(bundle))
    if (chunk.type === 'chunk' && chunk.isEntry && name !== 'sw.js') add(name)
  return [...found]
}

/**
 * The service worker learns the names of the first files, and a digest of all names as its version. All other files are
 * cached when they are used: a phone that types a code needs neither the console nor every language.
 */
const offlineShell = (): Plugin => ({
  name: 'offline-shell',
  apply: 'build',
  buildStart() {
    this.emitFile({ type: 'chunk', id: 'src/offline/service-worker.ts', fileName: 'sw.js' })
  },
  generateBundle: {
    // After Vite has thrown out the scripts of chunks that are styles alone: one missing file, and nothing is cached.
    order: 'post',
    handler(_options, bundle) {
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built')
      const files = firstFiles(bundle).map((name) => `/${name}`)
      const shell = ['/', ...files, '/manifest.webmanifest', '/logo.svg', '/theme.js']
      const version = createHash('sha256')
        .update(Object.keys(bundle).sort().join())
        .digest('hex')
        .slice(0, 16)
      worker.code = worker.code
        .replace('__SHELL__', JSON.stringify(shell.sort()))
        .replace('__VERSION__', JSON.stringify(version))
    },
  },
})

/** A file of one or two packets gains nothing. */
const COMPRESSED_BYTES_MIN = 1_024
const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest)$/

/**
 * A copy of the built files for the broker to serve, each text beside its compressed forms. The built files themselves stay as
 * they are: their hash is what people compare, and compressors differ from release to release.
 */
const servedCompressed = (): Plugin => ({
  name: 'served-compressed',
  apply: 'build',
  closeBundle() {
    const [built, served] = ['dist', 'served'].map((name) => join(import.meta.dirname, name)) as [
      string,
      string,
    ]
    rmSync(served, { recursive: true, force: true })
    cpSync(built, served, { recursive: true })
    for (const name of readdirSync(served, { recursive: true, encoding: 'utf8' })) {
      const path = join(served, name)
      if (!COMPRESSIBLE.test(name) || statSync(path).size < COMPRESSED_BYTES_MIN) continue
      const bytes = readFileSync(path)
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
      writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
    }
  },
})

/**
 * Parts of libraries that no page calls, although their modules are in use: JSON schemas and messages of zod, and the
 * transports of Socket.IO that are switched off (`transports: ['websocket']`). Each is some kilobytes on the way to a phone.
 */
const LEFT_OUT = [
  '/zod/v4/core/to-json-schema.js',
  '/zod/v4/core/json-schema-processors.js',
  '/zod/v4/locales/en.js',
  '/engine.io-client/build/esm/transports/polling-xhr.js',
  '/engine.io-client/build/esm/transports/webtransport.js',
]
const EXPORTED = /^export (?:const|function|class) (\w+)/gm
const EXPORTED_BY_DEFAULT = /^export default /m

/** Puts a function that throws in the place of everything that these modules export. */
const leftOut = (): Plugin => ({
  name: 'left-out',
  apply: 'build',
  enforce: 'pre',
  load(id) {
    if (!LEFT_OUT.some((path) => id.endsWith(path))) return null
    const code = readFileSync(id, 'utf8')
    const names = [...code.matchAll(EXPORTED)].map(([, name]) => `leftOut as ${name}`)
    if (EXPORTED_BY_DEFAULT.test(code)) names.push('none as default')
    if (names.length === 0) throw new Error(`${id} exports nothing that could be left out`)
    // As a locale it has no messages; as anything else it must not be called.
    return `function leftOut() { throw new Error('left out of the pages') }
const none = () => ({ localeError: () => 'invalid' })
export { ${names.join(', ')} }`
  },
})

/** The client side of a machine's link, and the parts that draw its state. */
const OF_LINK =
  /\/packages\/(connection\/src\/(?!emulator\/|accounts\/|device-pairing\/)|e2ee\/)|\/node_modules\/(@noble|socket\.io|engine\.io|@socket\.io)|\/apps\/web\/src\/(seal\/|link\/|key-pair|parts\/(?!qr)|runner-pairing\/pair-machine|attention\/(use-needs|shown-text|foreign-text))/

/** The emulator, and rooms of the terminal page that parts which are loaded later use as well. */
const OF_TERMINAL =
  /\/node_modules\/@xterm\/xterm\/|\/apps\/web\/src\/(terminal\/(screen|keys)\/|terminal\/frame\/(tabs|overview-cards|use-desktop|viewport)|files\/(outbox|file-path|refusal-says))/

/** The worker is one file that imports none: its modules stay out of the shared chunks. */
const ofWorker = (id: string): boolean =>
  /\/offline\/(service-worker|notifications|share-target)\.ts$/.test(id)

export default defineConfig({
  // Libraries of this repository are read from source, so that a build never ships old compiled code.
  resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // The content policy allows no data: scripts, and a shell of few files starts fastest with plain names.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One file instead of thirty: each costs a request's headers, and small files compress badly.
            { name: 'first', tags: ['$initial'], test: (id) => !ofWorker(id), priority: 3 },
            // Connecting and sealing, which other pages need as well.
            { name: 'link', test: OF_LINK, priority: 2 },
            // What a terminal needs beside its own page, and nothing else does.
            { name: 'terminal', test: OF_TERMINAL, priority: 1 },
          ],
        },
      },
    },
  },
  plugins: [leftOut(), offlineShell(), servedCompressed()],
})
