import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { calls, facts, values } from '../fixtures/schemas.ts'
import { decodeFrame, encodeFrame, FrameType } from './terminal/frames.ts'
import {
  appMessage,
  decodeAppMessages,
  decodeRunnerMessages,
  encodeAppMessages,
  encodeRunnerMessages,
  runnerMessage,
} from './terminal/messages.ts'

/**
 * What version 1 looked like on the day it was defined. A fixture is never changed and never removed: a message that
 * once was understood is understood for ever. A new message adds a file.
 */
const folder = new URL('../fixtures/v1/', import.meta.url)
const fixtures = new Map(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ''),
    z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))),
  ]),
)
const fixture = (name: string) => {
  const found = fixtures.get(name)
  if (found === undefined) throw new Error(`add packages/protocol/fixtures/v1/${name}.json`)
  return found
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const unhex = (text: unknown) => new Uint8Array(Buffer.from(z.string().parse(text), 'hex'))
const fileOf = (event: string) => event.replaceAll(':', '-')
const typesOf = (union: typeof appMessage | typeof runnerMessage) =>
  union.options.map((option) => [...option.shape.type.values][0]!)

const namesOfVersion1 = [
  ...Object.keys(calls).map((name) => `call.${fileOf(name)}`),
  ...Object.keys(facts).map((name) => `fact.${fileOf(name)}`),
  ...Object.keys(values).map((name) => `value.${name}`),
  ...Object.keys(FrameType).map((name) => `frame.${name}`),
  ...[...typesOf(appMessage), 'credit'].map((type) => `app.${type}`),
  ...[...typesOf(runnerMessage), 'applied', 'gap', 'terminal-recorded'].map((type) => `runner.${type}`),
]

describe('version 1', () => {
  it('has a fixture for every message, and a message for every fixture', () => {
    expect([...fixtures.keys()].sort()).toEqual([...namesOfVersion1].sort())
  })

  it.each(Object.entries(calls))('still understands the call %s', (name, call) => {
    const { request, reply } = fixture(`call.${fileOf(name)}`)
    expect(call.request.parse(request)).toEqual(request)
    expect(call.reply.parse(reply)).toEqual(reply)
  })

  it.each(Object.entries(facts))('still understands the fact %s', (name, schema) => {
    const { value } = fixture(`fact.${fileOf(name)}`)
    expect(schema.parse(value)).toEqual(value)
  })

  it.each(Object.entries(values))('still understands %s', (name, schema) => {
    const { value } = fixture(`value.${name}`)
    expect(schema.parse(value)).toEqual(value)
  })

  it.each(Object.entries(FrameType))('still writes and reads the frame %s byte for byte', (name, type) => {
    const { channel, payload, bytes } = fixture(`frame.${name}`)
    expect(decodeFrame(unhex(bytes))).toEqual({ type, channel, payload: unhex(payload) })
    expect(hex(encodeFrame(type, z.number().parse(channel), unhex(payload)))).toBe(bytes)
  })

  it.each([...fixtures].filter(([name]) => name.startsWith('app.')))(
    'still writes and reads %s byte for byte',
    (_, { message, bytes }) => {
      const messages = decodeAppMessages(unhex(bytes))
      expect(messages).toEqual([message])
      expect(hex(encodeAppMessages(messages ?? []))).toBe(bytes)
    },
  )

  it.each([...fixtures].filter(([name]) => name.startsWith('runner.')))(
    'still writes and reads %s byte for byte',
    (_, { message, bytes }) => {
      const messages = decodeRunnerMessages(unhex(bytes))
      expect(messages).toEqual([message])
      expect(hex(encodeRunnerMessages(messages ?? []))).toBe(bytes)
    },
  )
})
