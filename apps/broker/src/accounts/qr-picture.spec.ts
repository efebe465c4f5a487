import { inflateSync } from 'node:zlib'
import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { qrPng, qrSvg } from './qr-picture.ts'

const TEXT = '2@Zm9vYmFyYmF6cXV4,c29tZSBtb3JlIG9mIGl0,YW5kIG1vcmU='
const modules = encode(TEXT, { ecc: 'L', border: 4 }).data

it('a PNG has each module of the code, and a quiet zone', () => {
  const png = qrPng(TEXT)
  const size = png.readUInt32BE(16)
  expect(size).toBe(modules.length * 8)
  const [at, bytes] = [png.indexOf('IDAT'), inflateSync(png.subarray(png.indexOf('IDAT') + 4))]
  expect(at).toBeGreaterThan(0)
  const rowBytes = 1 + size / 8
  const drawn = modules.map((row, y) =>
    row.map((_, x) => ((bytes[(y * 8 + 4) * rowBytes + 1 + x] ?? 0) & 0x10) === 0),
  )
  expect(drawn).toEqual(modules)
})

it('an SVG has each dark module once', () => {
  const svg = qrSvg(TEXT)
  const drawn = [...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`)
  const dark = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x} ${y}`] : [])))
  expect(drawn).toEqual(dark)
})
