import { createRequire } from 'node:module'
import type { WithWidths } from '@latchkey/connection/emulator/widths'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { useWidths } from './widths.ts'

type Provider = Parameters<WithWidths['unicode']['register']>[0]

/** The tables that are given to a terminal by `give`. */
function tablesOf(give: (terminal: WithWidths) => void): Provider {
  const given: Provider[] = []
  give({ unicode: { activeVersion: '', register: (provider) => given.push(provider) } })
  const tables = given.find(({ version }) => version.endsWith('graphemes'))
  if (tables === undefined) throw new Error('no tables were given')
  return tables
}

/** Width of each character, and whether it joins the one before. */
function read(tables: Provider, text: string): readonly string[] {
  let preceding = 0
  return [...text].map((character) => {
    preceding = tables.charProperties(character.codePointAt(0) ?? 0, preceding)
    return `${character} ${(preceding >> 1) & 3}${preceding & 1 ? ' joins' : ''}`
  })
}

it('what is remembered of characters says what the addon says each time', () => {
  const ours = tablesOf(useWidths)
  const addon = createRequire(import.meta.url)('@xterm/addon-unicode-graphemes')
  const theirs = tablesOf((terminal) => new addon.UnicodeGraphemesAddon().activate(terminal))
  const letter = fc.constantFrom(
    ...'a漢 é—кはकि்த각ᄀ각한🙂👩🏽🇩🇪⚠©1',
    '\u0301',
    '\u200d',
    '\ufe0f',
    '\u20e3',
    '\u0600',
    '\u1100',
    '\u1161',
    '\u11a8',
    '\u0903',
    '\u{e0067}',
    '\u{10ffff}',
  )
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 12, size: 'max' }), (letters) => {
      const text = letters.join('')
      expect(read(ours, text)).toEqual(read(theirs, text))
    }),
    { numRuns: 2_000 },
  )
})
