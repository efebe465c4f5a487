import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, readFiles } from './repository.ts'
import { codeRules } from './rules/code.ts'
import { documentRules } from './rules/documents.ts'
import { floorRules } from './rules/floors.ts'
import { houseRules } from './rules/house.ts'
import { nameRules } from './rules/names.ts'
import { riddleRules } from './rules/riddles.ts'
import { screenRules } from './rules/screens.ts'
import { waitingRules } from './rules/waiting.ts'

/** The built pages are not tracked, but they are what a phone loads. */
function bundle(): ReadonlyArray<readonly [string, string]> {
  const folder = 'apps/web/dist'
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => [`${folder}/${path}`, readFileSync(join(ROOT, folder, path), 'utf8')] as const)
}

const files = new Map([...readFiles(), ...bundle()])

describe.each([
  ...nameRules,
  ...documentRules,
  ...codeRules,
  ...houseRules,
  ...riddleRules,
  ...floorRules,
  ...screenRules,
  ...waitingRules,
])('$name', ({ because, problems, canary }) => {
  it('holds', () => {
    expect(problems(files), because).toEqual([])
  })

  it('would be seen to be broken', () => {
    expect(problems(new Map(Object.entries(canary)))).not.toEqual([])
  })
})
