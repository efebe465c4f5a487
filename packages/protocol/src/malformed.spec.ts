import { readdirSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { valuesOf } from '../fixtures/arbitrary.ts'
import { everySchema } from '../fixtures/schemas.ts'
import { fromBase64url, textOf } from './bytes.ts'
import { looksLikeFingerprint } from './runner-identity.ts'
import { decodeFrame } from './terminal/frames.ts'
import { decodeAppMessages, decodeRunnerMessages } from './terminal/messages.ts'
import { decodePlaintext, decodeSize } from './terminal/streams.ts'

/** RELIABILITY F12. Half of the inputs are bytes, half are values as a JSON parser would hand them over. */
/** `LATCHKEY_MALFORMED_INPUTS=1000000` for all of them. */
const INPUTS = Number(process.env['LATCHKEY_MALFORMED_INPUTS'] ?? 100_000)
const SEED = 20_261_121
const HEAP_GROWTH_BYTES_MAX_PER_100K = 1_000_000

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** mulberry32: fast enough that the decoders are what takes the time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}
const random = randomFrom(SEED)
const oneOf = <T>(list: readonly T[]): T => list[random(list.length)]!

const folder = new URL('../fixtures/v1/', import.meta.url)
const wellFormed = readdirSync(folder).flatMap((file) => {
  const bytes = z
    .object({ bytes: z.string().optional() })
    .parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))).bytes
  return bytes === undefined ? [] : [new Uint8Array(Buffer.from(bytes, 'hex'))]
})

/** A well-formed message with a few bytes changed, cut, repeated or spliced; or plain noise. */
function malformedBytes(): Uint8Array {
  if (random(8) === 0) return Uint8Array.from({ length: random(80) }, () => random(256))
  const bytes = Uint8Array.from(oneOf(wellFormed))
  for (let change = random(4); change >= 0 && bytes.length > 0; change--) {
    const at = random(bytes.length)
    bytes[at] = random(3) === 0 ? oneOf([0, 1, 0x7f, 0x80, 0xff]) : (bytes[at]! ^ (1 << random(8))) & 0xff
  }
  switch (random(4)) {
    case 0:
      return bytes.subarray(0, random(bytes.length + 1))
    case 1:
      return bytes.subarray(random(bytes.length + 1))
    case 2: {
      const other = oneOf(wellFormed)
      return Uint8Array.from([
        ...bytes.subarray(0, random(bytes.length + 1)),
        ...other.subarray(random(other.length)),
      ])
    }
    default:
      return bytes
  }
}

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
const deepObject: unknown = JSON.parse(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`)
const hostile: readonly unknown[] = [
  ...[null, undefined, true, false, 0, -0, -1, 1.5, 1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY],
  ...[
    2 ** 53,
    2 ** 53 - 1,
    2 ** 32,
    2 ** 31,
    -(2 ** 53),
    12345678901234567890n,
    Symbol('s'),
    () => 1,
    new Date(0),
  ],
  ...[
    '',
    '\0',
    '\ud800',
    'a\udc00b',
    '__proto__',
    'constructor',
    '9'.repeat(400),
    'x'.repeat(5_000),
    '\u{10ffff}',
  ],
  ...[[], [[]], {}, nested(2_000), deepObject, new Uint8Array(4), new Map([['a', 1]]), Object.create(null)],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  JSON.parse('{"toString":null,"valueOf":1,"hasOwnProperty":"no","length":-1}'),
]
const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  'type',
  '',
  '0',
  'runnerId',
  'terminal',
]

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value with something in it, at any depth, replaced, removed, added or wrapped. */
function malformed(value: unknown): unknown {
  if (!isRecord(value) || random(6) === 0) return random(3) === 0 ? [value, oneOf(hostile)] : oneOf(hostile)
  const names = Object.keys(value)
  const name = names.length === 0 || random(3) === 0 ? oneOf(keys) : oneOf(names)
  const copy = { ...value }
  switch (random(3)) {
    case 0:
      delete copy[name]
      return copy
    case 1:
      // As a JSON parser would: an own property, even when it is called __proto__.
      Object.defineProperty(copy, name, {
        value: oneOf(hostile),
        enumerable: true,
        configurable: true,
        writable: true,
      })
      return copy
    default:
      copy[name] = malformed(copy[name])
      return copy
  }
}

const prototypes = [Object, Array, String, Number, Function, Uint8Array, Map].map((each) => each.prototype)
const ownNames = () => prototypes.map((prototype) => Reflect.ownKeys(prototype).length)

/** Runs `input` `INPUTS / 2` times; answers by how much the heap grew for each 100,000 after the first fifth. */
function growthBytesPer100k(input: () => void): number {
  const step = INPUTS / 10
  const heaps: number[] = []
  // Code is compiled and schemas are prepared when they are first used: that is no growth.
  for (let done = 0; done < 2 * step; done++) input()
  for (let done = 1; done <= INPUTS / 2; done++) {
    input()
    if (done % step === 0) heaps.push(heapBytes())
  }
  return ((heaps.at(-1)! - heaps[0]!) / ((heaps.length - 1) * step)) * 100_000
}

describe(`${INPUTS.toLocaleString('en')} malformed inputs`, () => {
  it('are refused by the binary decoders as values: no throw, no leak', () => {
    // A schema is compiled when it first reads: that is no growth.
    for (const bytes of wellFormed) void (decodeAppMessages(bytes) ?? decodeRunnerMessages(bytes))
    let refused = 0
    const growth = growthBytesPer100k(() => {
      const bytes = malformedBytes()
      if (decodeFrame(bytes) === null) refused++
      if (decodeAppMessages(bytes) === null) refused++
      if (decodeRunnerMessages(bytes) === null) refused++
      decodePlaintext(bytes)
      decodeSize(bytes)
      fromBase64url(textOf(bytes) ?? 'not text')
    })
    expect(refused).toBeGreaterThan(INPUTS / 2) // else these inputs prove nothing
    expect(growth).toBeLessThan(HEAP_GROWTH_BYTES_MAX_PER_100K)
  }, 300_000)

  it('are refused by the schemas as values: no throw, no leak, no prototype written', () => {
    const before = ownNames()
    const schemas = everySchema().map(([, schema]) => ({
      schema,
      samples: fc.sample(valuesOf(schema), { numRuns: 30, seed: SEED }),
    }))
    let refused = 0
    const growth = growthBytesPer100k(() => {
      const { schema, samples } = oneOf(schemas)
      const result = schema.safeParse(malformed(oneOf(samples)))
      if (!result.success) refused++
      else if (isRecord(result.data) && 'polluted' in result.data) throw new Error('a prototype got in')
    })
    expect(refused).toBeGreaterThan(INPUTS / 8)
    expect(ownNames()).toEqual(before)
    expect('polluted' in {}).toBe(false)
    expect(growth).toBeLessThan(HEAP_GROWTH_BYTES_MAX_PER_100K)
  }, 300_000)

  it('do not make a name check slow', () => {
    const startedAt = performance.now()
    for (const text of ['a'.repeat(1e6), `${'a'.repeat(25)}!`.repeat(1e4)]) looksLikeFingerprint(text)
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  })
})
