import { expect, it } from 'vitest'
import { chosenFiles, needsOf, testFiles } from './test-needs.mjs'

const needs = (...args: readonly string[]) => needsOf(chosenFiles(args))

it('a test of sources is run without building anything', () => {
  const nothing = { programs: false, pages: false, release: false, whatsapp: false }
  expect(needs('packages/domain/src/limits')).toEqual(nothing)
  expect(needs('apps/web/src/terminal/keys/keys.spec.ts:12')).toEqual(nothing)
  expect(needs('--project', 'pure', 'http')).toEqual(nothing)
})

it('a test of programs has them built, and one of pages the pages too', () => {
  expect(needs('attach.system')).toEqual({ programs: true, pages: false, release: false, whatsapp: false })
  expect(needs('phone-path')).toEqual({ programs: true, pages: true, release: false, whatsapp: false })
  expect(needs('page-build')).toMatchObject({ pages: true })
  expect(needs('installed.system')).toMatchObject({ programs: true, pages: true, release: true })
})

it('WhatsApp linking is installed for the tests that link', () => {
  for (const name of ['linking.browser', 'linked-sessions', 'packages/whatsapp'])
    expect(needs(name), name).toMatchObject({ whatsapp: true })
})

it('without a name everything is chosen, and everything is built', () => {
  expect(chosenFiles([])).toEqual(testFiles())
  expect(needs()).toEqual({ programs: true, pages: true, release: true, whatsapp: true })
})
