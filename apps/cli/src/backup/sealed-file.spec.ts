import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { isSealed, openFile, sealFile as sealAtCost } from './sealed-file.ts'

const PASSPHRASE = 'correct horse battery staple'

/** As in use, but cheap: the cost is scrypt's own affair. */
const sealFile = (from: string, to: string, passphrase: string) => sealAtCost(from, to, passphrase, 10)

function place(): (name: string) => string {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-sealed-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return (name) => join(path, name)
}

it.each([0, 1, 65_536, 65_537, 200_000])('%i bytes come back as they were, from a private file', (length) => {
  const at = place()
  const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 31) % 251))
  writeFileSync(at('plain'), bytes)
  sealFile(at('plain'), at('sealed'), PASSPHRASE)
  expect(isSealed(at('sealed'))).toBe(true)
  expect(isSealed(at('plain'))).toBe(false)
  expect(statSync(at('sealed')).mode & 0o077).toBe(0)
  expect(openFile(at('sealed'), at('again'), PASSPHRASE)).toBeNull()
  expect(readFileSync(at('again')).equals(bytes)).toBe(true)
})

it('a wrong passphrase, a changed byte, a missing end and a swapped chunk are all refused', () => {
  const at = place()
  writeFileSync(at('plain'), Buffer.alloc(150_000, 'a secret of the broker '))
  sealFile(at('plain'), at('sealed'), PASSPHRASE)
  const sealed = readFileSync(at('sealed'))
  expect(sealed.includes('a secret of the broker')).toBe(false)
  expect(openFile(at('sealed'), at('1'), `${PASSPHRASE}.`)).toContain('passphrase is wrong')
  const CHUNK = 65_536 + 16
  const HEADER = 25
  const chunk = (number: number) => sealed.subarray(HEADER + number * CHUNK, HEADER + (number + 1) * CHUNK)
  const forgeries: readonly Buffer[] = [
    Buffer.concat([
      sealed.subarray(0, 100_000),
      Buffer.from([(sealed[100_000] ?? 0) ^ 1]),
      sealed.subarray(100_001),
    ]),
    sealed.subarray(0, -1),
    sealed.subarray(0, HEADER + CHUNK),
    sealed.subarray(0, HEADER + 3),
    Buffer.concat([sealed.subarray(0, HEADER), chunk(1), chunk(0), chunk(2)]),
    Buffer.concat([sealed, chunk(2)]),
  ]
  for (const [index, forged] of forgeries.entries()) {
    writeFileSync(at(`forged-${index}`), forged)
    expect(openFile(at(`forged-${index}`), at(`opened-${index}`), PASSPHRASE)).toEqual(expect.any(String))
  }
})

it('one file sealed twice looks different, and a passphrase is the same in each form of Unicode', () => {
  const at = place()
  writeFileSync(at('plain'), 'the same')
  sealFile(at('plain'), at('one'), 'Schlüssel-für-alles')
  sealFile(at('plain'), at('two'), 'Schlüssel-für-alles')
  expect(readFileSync(at('one')).equals(readFileSync(at('two')))).toBe(false)
  expect(openFile(at('one'), at('again'), 'Schlüssel-für-alles'.normalize('NFD'))).toBeNull()
})
