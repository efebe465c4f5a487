import { readFileSync } from 'node:fs'
import { accountCalls } from '@latchkey/protocol/accounts'
import { appCalls, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { afterEach, expect, it } from 'vitest'
import { runForeignClient } from '../testing/foreign-client.ts'
import {
  cleanUp,
  code,
  registerFounding,
  type TestClient,
  type Told,
  testBroker,
  within,
} from '../testing/harness.ts'
import { type Marketplace, marketplace } from '../testing/marketplace.ts'

afterEach(cleanUp)

/** How clients say nothing: older ones send no argument, others what their language makes of it. */
const NOTHING: Readonly<Record<string, readonly unknown[]>> = {
  'an empty object': [{}],
  'no argument': [],
  null: [null],
  undefined: [undefined],
  'an empty object and more': [{}, 'more', 7],
  'null and more': [null, { pairingCode: 'ABC-123-XYZ', phoneNumber: '+12025550123' }],
}

/** Sends one call, with and without an acknowledgement, and answers with the replies it got. */
async function sent(
  client: TestClient,
  event: string,
  call: Call,
  args: readonly unknown[],
): Promise<Told[]> {
  const replies: Told[] = [await within('an acknowledgement', client.socket.emitWithAck(event, ...args))]
  const told = replies[0]?.['success'] === true ? call.succeeds : call.fails
  if (told === null) return replies
  replies.push(await client.next(told))
  client.socket.emit(event, ...args)
  return [...replies, await client.next(told)]
}

interface Call {
  readonly succeeds: string | null
  readonly fails: string | null
}

/** What a reply says that is the same each time. */
const gist = ({ success, error, code, message, reason, paired }: Told) => ({
  success,
  error,
  code,
  message,
  reason,
  paired,
})

const requestOf = (event: string): unknown => {
  const file = new URL(
    `../../../../packages/protocol/fixtures/v1/call.${event.replaceAll(':', '-')}.json`,
    import.meta.url,
  )
  return JSON.parse(readFileSync(file, 'utf8')).request
}

let salons = 0
const NAMESPACES: readonly (readonly [
  string,
  Readonly<Record<string, Call>>,
  (market: Marketplace) => Promise<TestClient>,
])[] = [
  [
    'the default namespace',
    { ...runnerCalls, ...appCalls, ...terminalCalls },
    ({ broker }) => broker.connect(),
  ],
  ['/marketplace', accountCalls, (market) => market.page(`salon-${salons++}`)],
]

it.each(NAMESPACES)(
  'every call of %s answers alike however a client says nothing',
  async (_name, calls, open) => {
    const market = await marketplace()
    for (const [event, call] of Object.entries(calls)) {
      const client = await open(market)
      const expected = gist((await sent(client, event, call, [{}]))[0] ?? {})
      expect(expected.success, event).toBeTypeOf('boolean')
      for (const [how, args] of Object.entries(NOTHING))
        for (const reply of await sent(client, event, call, args))
          expect(gist(reply), `${event} with ${how}`).toEqual(expected)
      client.close()
    }
    expect(
      market.broker.log.filter((line) => line.includes('call-failed') || line.includes('call.failed')),
    ).toEqual([])
  },
)

it.each(NAMESPACES)(
  'every call of %s takes its request where more arguments follow it',
  async (_name, calls, open) => {
    const market = await marketplace()
    for (const event of Object.keys(calls)) {
      const request = requestOf(event)
      const alone = await (await open(market)).socket.emitWithAck(
        event,
        ...(request === null ? [] : [request]),
      )
      const followed = await (await open(market)).socket.emitWithAck(
        event,
        request,
        { phoneNumber: 'x' },
        'more',
      )
      expect(gist(followed), event).toEqual(gist(alone))
    }
  },
)

it.each(NAMESPACES)(
  'an event that %s does not know is refused, whether or not an acknowledgement was asked for',
  async (_name, _calls, open) => {
    const client = await open(await marketplace())
    const refusal = await within('an acknowledgement', client.socket.emitWithAck('no-such-call'))
    expect(refusal).toMatchObject({ success: false })
    expect(gist(await client.next('error'))).toEqual(gist(refusal))
    client.socket.emit('no-such-call', {})
    expect(gist(await client.next('error'))).toEqual(gist(refusal))
  },
)

it('a stranger’s client in another language pairs, asks and unpairs as it is used to', async () => {
  const broker = await testBroker()
  const runner = await broker.connect()
  await registerFounding(runner, broker, 'runner-1', code(1))
  const [paired, status, acknowledged, again, unpaired, nothing] = await runForeignClient(broker, code(1))
  expect(paired).toMatchObject({ event: 'app:pair:success', data: { runnerId: 'runner-1' } })
  expect(status).toMatchObject({ event: 'app:pairing:status:response', data: { paired: true } })
  expect(acknowledged).toEqual({ acknowledged: status?.['data'] })
  expect(again).toEqual(status)
  expect(unpaired).toMatchObject({ event: 'app:unpair:success', data: { runnerId: 'runner-1' } })
  expect(nothing).toMatchObject({ event: 'app:unpair:success', data: { success: true } })
  expect(await runner.next('runner:app:unpaired')).toMatchObject({ appSessionId: expect.any(String) })
})
