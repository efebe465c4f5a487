import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ROOT, readFiles } from './repository.ts'

/** No test builds the image or starts its compose file, so each name in them is checked to exist. */
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const dockerfile = text('deploy/Dockerfile')
const compose = text('deploy/docker-compose.yml')

/** All first groups of a pattern. */
const found = (pattern: RegExp, within: string): readonly string[] =>
  [...within.matchAll(pattern)].map((match) => match[1] ?? '')

/** The source file of a compiled path in the image. A bundled program is named after its app, the command line `main`. */
const sourceOf = (path: string): string =>
  path
    .replace(/^apps\/cli\/dist\/bundle\/(\w+)\.js$/, 'apps/$1/dist/main.js')
    .replace(/^(?:\/latchkey\/)?((?:apps|packages)\/\w+)\/dist\/(.*)\.js$/, '$1/src/$2.ts')

describe('the image', () => {
  it('runs programs that exist', () => {
    const programs = [...found(/node ([\w/.]+\.mjs)/g, dockerfile), ...found(/"([\w/]+\.js)"/g, dockerfile)]
    expect(programs).toHaveLength(2)
    for (const program of programs) expect(existsSync(join(ROOT, sourceOf(program))), program).toBe(true)
  })

  it('has every folder from which the broker loads, the client of WhatsApp among them', () => {
    const copied = found(/^COPY --from=build \/latchkey\/(\w+)/gm, dockerfile)
    const [library = ''] = found(
      /'[./]*\/(packages\/whatsapp\/dist\/[\w.]+)'/g,
      text('apps/broker/src/accounts/load-library.ts'),
    )
    expect(existsSync(join(ROOT, sourceOf(library))), library).toBe(true)
    expect(copied).toContain(library.split('/')[0])
    expect(copied).toEqual(expect.arrayContaining(['node_modules', 'packages', 'apps']))
    // No source is left out of the build context.
    for (const ignored of text('deploy/Dockerfile.dockerignore').split('\n').filter(Boolean))
      expect(['packages', 'apps', 'tools', '**/src', 'packages/whatsapp']).not.toContain(ignored)
  })

  it('is built with linking when its argument says so, and without it otherwise', () => {
    expect(dockerfile).toMatch(/^ARG LATCHKEY_WHATSAPP=off\nRUN node tools\/run\.mjs build /m)
    const wants = (value: string) =>
      execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '--eval',
          `import { wantsWhatsApp } from ${JSON.stringify(pathToFileURL(join(ROOT, 'tools/whatsapp.mjs')).href)}
           process.stdout.write(String(wantsWhatsApp([])))`,
        ],
        { env: { ...process.env, LATCHKEY_WHATSAPP: value } },
      ).toString()
    expect([wants('on'), wants('off')]).toEqual(['true', 'false'])
  })
})

describe('the compose file', () => {
  it('builds from files that exist, with arguments that the image knows', () => {
    const files = [
      ...found(/dockerfile: (\S+)/g, compose),
      ...found(/"\.\/([\w.-]+):\//g, compose).map((name) => `deploy/${name}`),
    ]
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true)
    const args = found(/^ {6}(\w+): \$\{/gm, /args:\n([\s\S]*?)\n {2}\w/.exec(compose)?.[1] ?? '')
    expect(args).toEqual(['LATCHKEY_WHATSAPP'])
    for (const arg of args) expect(dockerfile).toMatch(new RegExp(`^ARG ${arg}\\b`, 'm'))
  })

  it('sets settings that the broker reads, and hands on what linking needs', () => {
    const settings = [...readFiles()]
      .filter(([path]) => path.startsWith('apps/broker/src/config/') && !path.includes('.spec.'))
      .map(([, source]) => source)
      .join('\n')
    const set = [...new Set(found(/\b(LATCHKEY_\w+|REDIS_URL|DATABASE_URL):/g, compose))]
    expect(set).toEqual(expect.arrayContaining(['LATCHKEY_WHATSAPP_KEYS', 'LATCHKEY_LINK_TOKEN_SECRET']))
    for (const name of set) expect(settings, name).toContain(`'${name}'`)
  })

  it('takes from the environment what its example names', () => {
    const example = text('deploy/example.env')
    const wanted = new Set([
      ...found(/\$\{(\w+)/g, compose),
      // Without a value of their own: they come from where the command is given.
      ...found(/^ {2}(LATCHKEY_\w+):$/gm, compose),
    ])
    for (const name of wanted) expect(example, name).toMatch(new RegExp(`^(# )?${name}=`, 'm'))
  })

  it('gives the balancer every name that it asks for', () => {
    const asked = new Set(found(/"\$\{(\w+)\}"/g, text('deploy/haproxy.cfg')))
    expect(asked.size).toBeGreaterThan(0)
    for (const name of asked) expect(compose, name).toMatch(new RegExp(`^ {6}${name}:`, 'm'))
  })
})
