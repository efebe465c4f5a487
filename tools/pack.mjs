import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from './dependencies.mjs'
import { ROOT, say } from './steps.mjs'

/** What another NestJS application installs to have the pairing services: the broker's package and those it stands on. */
const PACKED = ['packages/domain', 'packages/protocol', 'packages/stores', 'apps/broker']

/** Packs them into the folder `packed`, as files that `npm install` takes. Answers npm's exit code. */
export async function packModule() {
  const folder = join(ROOT, 'packed')
  mkdirSync(folder, { recursive: true })
  const workspaces = PACKED.flatMap((workspace) => ['--workspace', workspace])
  const exitCode = await runNpm(['pack', ...workspaces, '--pack-destination', folder])
  const names = PACKED.map((workspace) => `latchkey-${workspace.split('/')[1]}-*.tgz`)
  if (exitCode === 0) say(`The NestJS module is in ${folder} as well: ${names.join(', ')}`)
  return exitCode
}
