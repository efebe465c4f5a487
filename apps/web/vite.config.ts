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
  },
  plugins: [offlineShell(), servedCompressed()],
})
