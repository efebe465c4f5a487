import { crc32, deflateSync } from 'node:zlib'
import { encode } from 'uqr'

/** Cameras want this many light modules around the code (ISO/IEC 18004). */
const QUIET_MODULES = 4
const PIXELS_PER_MODULE = 8

/** The modules of a QR, with its quiet zone; true is dark. */
const modulesOf = (text: string): readonly (readonly boolean[])[] =>
  encode(text, { ecc: 'L', border: QUIET_MODULES }).data

/** A QR as an SVG picture, one unit for each module. */
export function qrSvg(text: string): string {
  const modules = modulesOf(text)
  const dark = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
  const size = modules.length
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${dark.join('')}"/></svg>`
}

/** A QR as a PNG picture of one bit for each pixel (RFC 2083). */
export function qrPng(text: string): Buffer {
  const modules = modulesOf(text)
  const pixels = modules.length * PIXELS_PER_MODULE
  const rows = modules.flatMap((row) => Array.from({ length: PIXELS_PER_MODULE }, () => rowOf(row, pixels)))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(pixels, 0)
  header.writeUInt32BE(pixels, 4)
  header[8] = 1
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** One row of pixels without a filter; a set bit is white. */
function rowOf(modules: readonly boolean[], pixels: number): Buffer {
  const row = Buffer.alloc(1 + Math.ceil(pixels / 8))
  for (let x = 0; x < pixels; x++)
    if (modules[Math.floor(x / PIXELS_PER_MODULE)] !== true)
      row[1 + (x >> 3)] = (row[1 + (x >> 3)] ?? 0) | (0x80 >> (x & 7))
  return row
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
