import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valuesOf } from '../../fixtures/arbitrary.ts'
import {
  type AppMessage,
  appMessage,
  decodeAppMessages,
  decodeRunnerMessages,
  encodeAppMessages,
  encodeRunnerMessages,
  type RunnerMessage,
  runnerMessage,
} from './messages.ts'

const number = fc.nat(0xffff)
const offset = fc.maxSafeNat()
const appMessages: fc.Arbitrary<AppMessage> = fc.oneof(
  valuesOf(appMessage).map((value) => appMessage.parse(value)),
  fc.record({ type: fc.constant('credit' as const), terminal: number, upTo: offset }),
)
const runnerMessages: fc.Arbitrary<RunnerMessage> = fc.oneof(
  valuesOf(runnerMessage).map((value) => runnerMessage.parse(value)),
  fc.record({ type: fc.constant('applied' as const), terminal: number, upTo: offset }),
  fc.record({ type: fc.constant('gap' as const), terminal: number, from: offset, to: offset }),
)

describe('stream 0', () => {
  it('gives back any list of messages that an app wrote', () => {
    fc.assert(
      fc.property(fc.array(appMessages, { maxLength: 5 }), (messages) => {
        expect(decodeAppMessages(encodeAppMessages(messages))).toEqual(messages)
      }),
    )
  })

  it('gives back any list of messages that a runner wrote', () => {
    fc.assert(
      fc.property(fc.array(runnerMessages, { maxLength: 5 }), (messages) => {
        expect(decodeRunnerMessages(encodeRunnerMessages(messages))).toEqual(messages)
      }),
    )
  })

  it('writes type u8, length u16, body: credit is 13 bytes', () => {
    expect([...encodeAppMessages([{ type: 'credit', terminal: 1, upTo: 258 }])]).toEqual([
      10, 0, 10, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2,
    ])
  })

  it('refuses the whole list when one message is cut, unknown, or the other end’s', () => {
    const credit = encodeAppMessages([{ type: 'credit', terminal: 1, upTo: 2 }])
    const list = new Uint8Array([...credit, ...credit])
    const readable = Array.from(list.keys()).filter(
      (length) => length > 0 && decodeAppMessages(list.subarray(0, length)) !== null,
    )
    expect(readable).toEqual([credit.length])
    expect(decodeAppMessages(Uint8Array.of(...credit, 99, 0, 0))).toBeNull()
    expect(decodeRunnerMessages(credit)).toBeNull()
    expect(decodeAppMessages(encodeRunnerMessages([{ type: 'pong', id: 1 }]))).toBeNull()
  })

  it('ignores fields that it does not know, so that a newer peer may say more', () => {
    const body = new TextEncoder().encode('{"id":5,"later":true,"__proto__":{"polluted":1}}')
    expect(decodeAppMessages(Uint8Array.of(9, 0, body.length, ...body))).toEqual([{ type: 'ping', id: 5 }])
  })

  it('does not let a body name its own type', () => {
    const body = new TextEncoder().encode('{"id":5,"type":"detach","terminal":1}')
    expect(decodeAppMessages(Uint8Array.of(9, 0, body.length, ...body))).toEqual([{ type: 'ping', id: 5 }])
  })

  it('refuses to write a message that its length field cannot count', () => {
    const terminals = Array.from({ length: 40 }, (_, terminal) => ({
      terminal,
      name: 'n',
      cols: 80,
      rows: 24,
      owner: null,
      exit: null,
      watchers: Array.from({ length: 40 }, () => ({
        app: 'a'.repeat(43),
        label: 'l'.repeat(64),
        mayType: true,
      })),
    }))
    const welcome = {
      type: 'welcome',
      version: 1,
      machine: 'm',
      you: 'y',
      mayType: true,
      shell: 's',
      terminals,
    } as const
    expect(() => encodeRunnerMessages([welcome])).toThrow(/invariant/)
  })
})
