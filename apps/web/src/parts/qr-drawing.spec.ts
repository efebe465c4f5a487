import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { QUIET_MODULES, qrDrawing } from './qr-drawing.ts'

const LINK = `http://192.168.178.29:6969/join#${'aZ_-9'.repeat(8)}xyz`

/** The modules that a path paints dark, as rows of `#` and `.`. */
function painted({ size, path }: { readonly size: number; readonly path: string }): string[] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => '.'))
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let at = Number(x); at < Number(x) + Number(width); at++) rows[Number(y)]![at] = '#'
  return rows.map((row) => row.join(''))
}

test('what is painted is the code, module for module', () => {
  const { data } = encode(LINK, { ecc: 'M', border: QUIET_MODULES })
  expect(painted(qrDrawing(LINK))).toEqual(data.map((row) => row.map((dark) => (dark ? '#' : '.')).join('')))
})

test('four modules around it stay light', () => {
  const rows = painted(qrDrawing(LINK))
  const rim = [...rows.slice(0, QUIET_MODULES), ...rows.slice(-QUIET_MODULES)]
  expect(rim.join('')).not.toContain('#')
  expect(rows.every((row) => /^\.{4}.*\.{4}$/.test(row))).toBe(true)
})
