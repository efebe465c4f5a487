import fc from 'fast-check'
import { expect, it } from 'vitest'
import { outputOf } from '../output.ts'
import { BEGINNING, evolve, type Fact } from './facts.ts'
import { firstScreen } from './first-screen.ts'
import { factOfRunner, readBrokerMessage } from './messages.ts'
import { paintedOnly, paintWith } from './paint.ts'
import { noteOf } from './program-events.ts'
import { pinScreen, plainScreen, qrScreen, statusLine } from './screen.ts'
import type { View } from './view.ts'

const bit = fc.constantFrom(
  '\x1b[2J',
  '\x1b]2;x\x07',
  '\x1b]52;c;AA==\x07',
  '\u009b1;1H',
  '\u202e',
  '\r',
  '\n',
  '\x1bc',
  'PIN 123 456',
)
/** What it should be, or that with something hostile around it. */
const spoilt = (good: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(good),
    fc.tuple(bit, bit).map(([before, after]) => `${before}${good}${after}`),
    fc.string({ unit: 'binary' }),
  )
const app = { appSessionId: spoilt('a'), label: spoilt('Pixel 8'), address: spoilt('192.168.1.9') }
const message = fc.oneof(
  fc.record({
    event: fc.constant('registered'),
    code: spoilt('K7M-2PQ-X3B'),
    expiresAt: fc.constant(9e5),
    serverTime: fc.constant(0),
    runnerId: spoilt('r'),
  }),
  fc.record({
    event: fc.constant('app'),
    action: fc.constantFrom('paired', 'connected', 'unpaired'),
    ...app,
  }),
  fc.record({
    event: fc.constant('app'),
    action: fc.constant('sealed'),
    method: fc.constant('pin'),
    app: spoilt('ab'),
    mayType: fc.boolean(),
    ...app,
  }),
  fc.record({
    event: fc.constant('app'),
    action: fc.constantFrom('held', 'revoked'),
    app: spoilt('ab'),
    label: app.label,
  }),
  fc.record({
    event: fc.constant('pin'),
    pin: spoilt('482913'),
    label: app.label,
    address: app.address,
    expiresAt: fc.constant(9e5),
    viewOnly: fc.boolean(),
    approve: fc.boolean(),
    send: fc.boolean(),
  }),
  fc.record({ event: fc.constant('fragment'), fragment: spoilt('1.K7M2PQX3B.aa.bb') }),
  fc.record({ event: fc.constantFrom('trouble'), message: spoilt('no room') }),
  fc.record({ event: fc.constant('failed'), code: spoilt('INVALID_SECRET'), message: spoilt('no') }),
)
const broker = fc.record({
  event: fc.constant('listening'),
  url: spoilt('http://192.168.1.5:6969'),
  port: fc.constant(6969),
  addresses: fc.array(spoilt('192.168.1.5'), { maxLength: 2 }),
  consoleUrl: spoilt('http://192.168.1.5:6969/console#x'),
  secretFile: spoilt('/tmp/secret'),
})

it('whatever a broker says in any field, the screens of the machine stay as they are drawn', () => {
  fc.assert(
    fc.property(fc.option(broker), fc.array(message, { maxLength: 8, size: 'max' }), (heard, messages) => {
      const said = heard === null ? null : readBrokerMessage(heard)
      const begun: Fact[] =
        said?.event === 'listening' ? [{ kind: 'broker-listening', at: { ...said, pageUrl: null } }] : []
      const facts = [...begun, ...messages.flatMap((each) => factOfRunner(each, 0) ?? [])]
      let state = BEGINNING
      let printed = ''
      const stream = { write: (text: string) => (printed += text) !== '' }
      const { say } = outputOf({ json: false, quiet: false }, stream, stream)
      for (const fact of facts) {
        const before = state
        state = evolve(before, fact)
        say(noteOf(fact, before, state) ?? '')
      }
      const view: View = {
        state,
        machine: {
          name: 'forge',
          version: '1.0.0',
          shell: 'zsh',
          folder: '~',
          user: 'ada',
          viewOnly: false,
          allowUnsealed: false,
          ownBroker: true,
          endTerminals: false,
        },
        nowMs: 0,
        offlineSinceMs: null,
        columns: 80,
        rows: 24,
        paint: paintWith(false),
        qr: false,
        keys: 'keys',
      }
      const drawn = [
        ...firstScreen(view),
        ...plainScreen(view),
        ...statusLine(view),
        ...(state.prompt === null ? [] : pinScreen(view, state.prompt)),
        ...qrScreen({ ...view, columns: 20 }),
      ]
      // Values with a fixed form keep it on screen, and a name cannot leave its line.
      for (const line of drawn) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      for (const line of drawn) expect(paintedOnly(line)).toBe(line)
      expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      expect([null, 'K7M-2PQ-X3B']).toContain(state.code?.text ?? null)
      expect(state.prompt?.pin ?? '0000').toMatch(/^[0-9]{4,12}$/)
    }),
    { numRuns: 200 },
  )
})
