import { defineConfig, type Plugin } from 'vite'

/** The service worker learns the hashed names of the shell when they are known, and takes their digest as its version. */
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
      const files = Object.keys(bundle).filter((name) => /^assets\/.+\.(js|css)$/.test(name))
      const shell = [
        '/',
        ...files.map((name) => `/${name}`),
        '/manifest.webmanifest',
        '/logo.svg',
        '/theme.js',
      ]
      worker.code = worker.code.replace('__SHELL__', JSON.stringify(shell.sort()))
    },
  },
})

export default defineConfig({
  // Libraries of this repository are read from source, so that a build never ships what was compiled last week.
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
  plugins: [offlineShell()],
})
