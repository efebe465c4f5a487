import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { STRANGERS_COMPILERS, STRANGERS_FILES } from './strangers-files.ts'
import { cleanEnv, temporaryFolder } from './up-process.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PACKED = ['packages/domain', 'packages/protocol', 'packages/stores', 'apps/broker']
const run = promisify(execFile)
const manifest = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})

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
    ['nodenext', 'commonjs', 'BBB-BBB-BBB'],
    ['bundler', 'module', 'CCC-CCC-CCC'],
  ])('compiles by %s resolution and runs as %s', async (name, type, code) => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc6')
    const compiled = await node([compiler, '-p', `tsconfig.${name}.json`]).catch((problem) => problem)
    expect(compiled.stdout).toBe('')
    writeFileSync(join(app.path, name, 'package.json'), JSON.stringify({ type }))
    const ran = await node([`${name}/main.js`, code])
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

  // Installs some 400 packages, so only where it is asked for.
  const testers = process.env['LATCHKEY_STRANGERS'] === 'full' ? ['Jest'] : []
  it.each(testers)('is installed by npm from the tarballs, and tested by %s', async () => {
    const own = temporaryFolder()
    for (const [path, text] of Object.entries(STRANGERS_FILES)) {
      mkdirSync(dirname(join(own.path, path)), { recursive: true })
      writeFileSync(join(own.path, path), text)
    }
    const compilerOptions = {
      ...STRANGERS_COMPILERS['bundler'],
      types: ['node', 'jest'],
      ignoreDeprecations: '5.0',
    }
    writeFileSync(
      join(own.path, 'tsconfig.bundler.json'),
      JSON.stringify({ compilerOptions, include: ['src'] }),
    )
    writeFileSync(join(own.path, 'package.json'), '{"name":"stranger","private":true}')
    const tarballs = PACKED.map((folder) => `latchkey-${folder.split('/')[1]}-0.1.0.tgz`)
    const others = ['@nestjs/common@12', '@nestjs/core@12', '@nestjs/testing@12', 'reflect-metadata', 'rxjs']
    const tools = ['jest@30', '@types/jest@30', '@types/node@22', 'ts-jest@29', 'typescript@5.9']
    const files = tarballs.map((file) => join(app.path, file))
    await npm(['install', '--ignore-scripts', ...files, ...others, ...tools], own.path)
    const { stderr } = await run(process.execPath, ['node_modules/jest/bin/jest.js'], {
      cwd: own.path,
      env: { ...env, CODE: 'FFF-FFF-FFF', NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
    })
    expect(stderr).toContain('1 passed')
  })
})
