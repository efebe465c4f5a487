import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { makeRelease } from '../../tools/release.mjs'
import { RELEASE, VERSION } from './installed-release.ts'
import { temporaryFolder } from './up-process.ts'

const bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
  metadata: z.object({ component: z.object({ name: z.literal('latchkey'), version: z.literal(VERSION) }) }),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      purl: z.string().startsWith('pkg:npm/'),
      licenses: z.array(z.unknown()).min(1),
      hashes: z.array(z.object({ alg: z.literal('SHA-512'), content: z.string().length(128) })).length(1),
    }),
  ),
})

it('a try of a release makes tarball, SBOM, licences, notes and sums that hold, twice the same', () => {
  const folder = temporaryFolder()
  const made = ['one', 'two'].map((name) => join(folder.path, name))
  for (const to of made) expect(makeRelease(RELEASE, { isDry: true, to })).toBe(0)
  const [one = '', two = ''] = made
  expect(readdirSync(one).toSorted()).toEqual([
    'NOTES.md',
    'SHA256SUMS',
    'THIRD-PARTY-LICENCES.txt',
    `latchkey-${VERSION}.cdx.json`,
    `latchkey-${VERSION}.tgz`,
  ])
  const sums = readFileSync(join(one, 'SHA256SUMS'), 'utf8')
  const held = readdirSync(one).filter((file) => file !== 'SHA256SUMS')
  const hashOf = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(one, file)))
      .digest('hex')
  expect(sums).toBe(
    held
      .toSorted()
      .map((file) => `${hashOf(file)}  ${file}\n`)
      .join(''),
  )
  expect(readFileSync(join(two, 'SHA256SUMS'), 'utf8')).toBe(sums)
  const { components } = bill.parse(
    JSON.parse(readFileSync(join(one, `latchkey-${VERSION}.cdx.json`), 'utf8')),
  )
  const names = components.map(({ name }) => name)
  for (const name of ['@nestjs/core', 'socket.io', 'preact', 'better-sqlite3', 'zod'])
    expect(names).toContain(name)
  const licences = readFileSync(join(one, 'THIRD-PARTY-LICENCES.txt'), 'utf8')
  for (const { name, version } of components) expect(licences).toContain(`${name} ${version} (`)
  expect(readFileSync(join(one, 'NOTES.md'), 'utf8')).toMatch(new RegExp(`^# Latchkey ${VERSION}\n`))
  folder.remove()
})
