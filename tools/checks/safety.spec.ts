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
import type { Rule } from './rules/rule.ts'
import { screenRules } from './rules/screens.ts'
import { waitingRules } from './rules/waiting.ts'

/** The built pages are not tracked, but phones load them. */
function bundle(): ReadonlyArray<readonly [string, string]> {
  const folder = 'apps/web/dist'
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => [`${folder}/${path}`, readFileSync(join(ROOT, folder, path), 'utf8')] as const)
}

/** More lines of one law are not read. */
const SHOWN_MAX = 50

const files = new Map([...readFiles(), ...bundle()])

/** Law, places, reason and remedy: all that is needed to repair a breach. */
const breach = ({ name, because, mend }: Rule, found: readonly string[]): string =>
  [
    `Broken law: ${name}`,
    ...found.slice(0, SHOWN_MAX).map((each) => `  at   ${each}`),
    ...(found.length > SHOWN_MAX ? [`  and ${found.length - SHOWN_MAX} more`] : []),
    `  why  ${because}`,
    `  mend ${mend}`,
  ].join('\n')

describe.each([
  ...nameRules,
  ...documentRules,
  ...codeRules,
  ...houseRules,
  ...riddleRules,
  ...floorRules,
  ...screenRules,
  ...waitingRules,
])('$name', (rule) => {
  it('holds', () => {
    const found = rule.problems(files)
    expect(found.length, breach(rule, found)).toBe(0)
  })

  it('would be seen to be broken', () => {
    expect(rule.problems(new Map(Object.entries(rule.canary)))).not.toEqual([])
  })
})
