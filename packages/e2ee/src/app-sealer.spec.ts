import type { SealedRunner, SealHandshake, SealStep } from '@latchkey/connection/app/sealer'
import { hex } from '@latchkey/protocol/bytes'
import { expect, it } from 'vitest'
import { appSealer } from './app-sealer.ts'
import { SealedChannel } from './channel.ts'
import type { ChannelSecrets } from './handshake.ts'
import type { AgreementKey } from './primitives.ts'
import { RunnerHandshake } from './runner-handshake.ts'
import {
  CODE,
  grant,
  NOW_MS,
  oneTimeSecret,
  otherKey,
  PID,
  primitives,
  runnerId,
  runnerKey,
  runnerSign,
  seededEntropy,
} from './two-ends.fixture.ts'

/** One device: its key, what it remembers, and in which order things happened. */
async function device() {
  const own = { key: await primitives.agreementKey(seededEntropy('device')(32)) }
  const runners = new Map<string, SealedRunner>()
  const events: string[] = []
  /** each write waits for it */
  const disk = { free: Promise.resolve() }
  const counts = { reads: 0 }
  let nowMs = NOW_MS
  let turn: Promise<unknown> = Promise.resolve()
  const sealer = appSealer({
    primitives,
    entropy: seededEntropy('entropy'),
    nowMs: () => nowMs,
    keys: {
      of: async () => own.key,
      fresh: async () => {
        const fresh = await primitives.agreementKey(seededEntropy('fresh')(32))
        const keep = async () => {
          own.key = fresh
          events.push('kept a key')
        }
        return { key: fresh, keep }
      },
    },
    store: {
      read: async (id) => {
        counts.reads += 1
        return runners.get(id) ?? null
      },
      keep: async (runner) => {
        await disk.free
        events.push(`kept ${runner.greetedAtMs}`)
        runners.set(runner.runnerId, runner)
      },
    },
    exclusively: (_, run) => {
      const mine = turn.then(run, run)
      turn = mine
      return mine
    },
  })
  return { sealer, runners, events, own, disk, counts, setClock: (ms: number) => (nowMs = ms) }
}
const FRESH = new Uint8Array(32).fill(9)

type Device = Awaited<ReturnType<typeof device>>

const link = {
  by: 'link',
  code: CODE,
  secret: { reach: runnerKey.publicKey, oneTimeSecret, runnerId: null },
  asNew: false,
} as const
const meeting = { runnerId, pid: PID, label: 'phone' }

interface Machine {
  readonly id: string
  readonly reach: AgreementKey
}
const MACHINE: Machine = { id: runnerId, reach: runnerKey }

function runner({ runners, own }: Device, { id, reach }: Machine) {
  const known = runners.get(id)
  return new RunnerHandshake({
    primitives,
    entropy: seededEntropy('runner'),
    pid: PID,
    code: CODE,
    runner: { runnerId: id, reach, sign: runnerSign.publicKey, label: 'forge' },
    pinDigits: 6,
    pinTtlS: 120,
    policy: {
      admit: () => null,
      oneTimeSecret: () => oneTimeSecret,
      shareSecret: () => null,
      fleetSecret: () => null,
      isRevoked: () => false,
      knownApp: () =>
        known === undefined
          ? null
          : {
              appKey: own.key.publicKey,
              keys: { confirmed: known.resumeKey, offered: null, retired: [] },
              greetedAtMs: 0,
              standing: 'welcome',
            },
    },
  })
}

/** Lets one handshake run against a runner, with the PIN that this shows; answers the app's last step and when the runner says it was greeted. */
async function run(
  of: Device,
  handshake: SealHandshake,
  machine = MACHINE,
): Promise<{
  step: SealStep
  greetedAtMs: number | null
  appKey: Uint8Array | null
  /** the runner's end of the channel; null while there is none */
  channel: SealedChannel | null
}> {
  const other = runner(of, machine)
  let channel: SealedChannel | null = null
  let step = await handshake.begin()
  let greetedAtMs: number | null = null
  let appKey: Uint8Array | null = null
  let shown = ''
  const said = [...step.send]
  for (let message = said.shift(); message !== undefined; message = said.shift()) {
    let answer = await other.hear(message, NOW_MS)
    if (answer.status === 'pin-asked') shown = answer.pin
    if (answer.status === 'proved') {
      greetedAtMs = answer.app.greetedAtMs
      appKey = answer.app.appKey
      answer = await other.grant(grant)
      if (answer.status === 'open') channel = runnerChannel(answer.secrets)
    }
    for (const back of answer.send) {
      step = await handshake.hear(back)
      if (step.status === 'pin-wanted') step = await handshake.enterPin(shown)
      said.push(...step.send)
    }
  }
  return { step, greetedAtMs, appKey, channel }
}

const runnerChannel = (secrets: ChannelSecrets) =>
  new SealedChannel({ aead: primitives.aead, role: 'runner', secrets, clock: () => 0, pad: false })

it('what a runner grants is kept before the channel is open, and is the way back', async () => {
  const phone = await device()
  const first = await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  expect(first.step.status).toBe('open')
  expect(phone.events).toEqual([`kept ${NOW_MS}`])
  expect(await phone.sealer.knows(runnerId)).toBe(true)
  expect(await phone.sealer.routeTicket(runnerId)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(await phone.sealer.pairingName(runnerId)).toBe(null)
  const again = await run(phone, phone.sealer.handshake({ ...meeting, takesCredential: true, way: null }))
  expect(again.step.status).toBe('open')
  expect(await phone.sealer.pairingName(runnerId)).toBe(hex(meeting.pid))
})

it('who was turned away comes as somebody new, with a key that is kept only once it is let in', async () => {
  const phone = await device()
  const before = await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  // Half a handshake, as a relay that speaks of revocation could bring about: nothing is lost by it.
  await phone.sealer.handshake({ ...meeting, way: { ...link, asNew: true } }).begin()
  const still = await run(phone, phone.sealer.handshake({ ...meeting, way: null }))
  expect(still.appKey).toEqual(before.appKey)
  phone.events.splice(0)
  const anew = await run(phone, phone.sealer.handshake({ ...meeting, way: { ...link, asNew: true } }))
  expect(anew.step.status).toBe('open')
  expect(anew.appKey).not.toEqual(before.appKey)
  expect(phone.events.slice(-2)).toEqual(['kept a key', expect.stringMatching(/^kept \d+$/)])
  const back = await run(phone, phone.sealer.handshake({ ...meeting, way: null }))
  expect(back.appKey).toEqual(anew.appKey)
})

it('greeting times grow though the clock goes back', async () => {
  const phone = await device()
  await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  phone.setClock(NOW_MS - 3_600_000)
  const second = await run(phone, phone.sealer.handshake({ ...meeting, way: null }))
  const third = await run(phone, phone.sealer.handshake({ ...meeting, way: null }))
  expect([second.greetedAtMs, third.greetedAtMs]).toEqual([NOW_MS + 1, NOW_MS + 2])
})

it('a link with another key than the known machine’s is another machine, and nothing is said to it', async () => {
  const phone = await device()
  await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  const secret = { ...link.secret, reach: Uint8Array.from(link.secret.reach, (byte) => byte ^ 1) }
  const step = await phone.sealer.handshake({ ...meeting, way: { ...link, secret } }).begin()
  expect(step).toEqual({ status: 'refused', refusal: 'runner-changed', send: [] })
})

it('another machine’s key is not kept for the known one’s, not even by who typed that machine’s PIN', async () => {
  const phone = await device()
  const named = { ...meeting, runnerId: 'forge' }
  const byCode = { by: 'code', code: CODE, asNew: false } as const
  const forge = { id: 'forge', reach: runnerKey }
  const first = await run(phone, phone.sealer.handshake({ ...named, way: byCode }), forge)
  expect(first.step.status).toBe('open')
  const known = phone.runners.get('forge')
  const anew = phone.sealer.handshake({ ...named, way: { ...byCode, asNew: true } })
  const { step } = await run(phone, anew, { ...forge, reach: otherKey })
  expect(step).toMatchObject({ status: 'refused', refusal: 'runner-changed' })
  expect(phone.runners.get('forge')).toEqual({ ...known, greetedAtMs: NOW_MS + 1 })
  expect(phone.events).not.toContain('kept a key')
})

it('who has neither key nor code says nothing', async () => {
  const phone = await device()
  const step = await phone.sealer.handshake({ ...meeting, way: null }).begin()
  expect(step).toEqual({ status: 'refused', refusal: 'no-key', send: [] })
})

it('two that return at once take turns, and one that gives up lets the next go', async () => {
  const phone = await device()
  await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  const first = phone.sealer.handshake({ ...meeting, way: null })
  await first.begin()
  let secondBegan = false
  const second = phone.sealer.handshake({ ...meeting, way: null })
  const beginning = second.begin().then((step) => {
    secondBegan = true
    return step
  })
  // The turns in which it would have begun.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(secondBegan).toBe(false)
  await first.cancel()
  expect((await beginning).status).toBe('waiting')
})

it('who gives up while its new key is being stored lets nobody return with the old one', async () => {
  const phone = await device()
  await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  const first = phone.sealer.handshake({ ...meeting, way: null })
  const other = runner(phone, MACHINE)
  let answer: readonly Uint8Array[] = []
  for (const message of (await first.begin()).send) {
    const step = await other.hear(message, NOW_MS)
    answer = step.status === 'proved' ? (await other.grant({ ...grant, resumeKey: FRESH })).send : step.send
  }
  let flushed: () => void = () => {}
  phone.disk.free = new Promise((resolve) => (flushed = resolve))
  const heard = first.hear(answer[0] ?? new Uint8Array(0))
  await first.cancel()
  const second = phone.sealer.handshake({ ...meeting, way: null })
  const beginning = second.begin()
  // All that can happen without the disk has happened.
  await new Promise((resolve) => setImmediate(resolve))
  const readByNow = phone.counts.reads
  flushed()
  await heard
  await beginning
  expect(readByNow, 'the second one has not read the store before the first has written').toBe(2)
  expect(phone.runners.get(runnerId)?.resumeKey).toEqual(FRESH)
})

async function openedBy(phone: Device) {
  const { step, channel } = await run(phone, phone.sealer.handshake({ ...meeting, way: link }))
  if (step.status !== 'open' || channel === null) throw new Error(step.status)
  return { envelope: step.envelope, channel }
}

it('a frame that a relay swallowed ends the channel at the app: nothing behind it is taken', async () => {
  const { envelope, channel } = await openedBy(await device())
  expect(envelope.open(channel.seal(Uint8Array.of(1)))).toEqual(Uint8Array.of(1))
  channel.seal(Uint8Array.of(2))
  expect(envelope.open(channel.seal(Uint8Array.of(3)))).toBe(null)
  expect(envelope.open(channel.seal(Uint8Array.of(4)))).toBe(null)
})

it('what an app types is padded: one key and a short word are as long', async () => {
  const { envelope, channel } = await openedBy(await device())
  const [one, word] = [1, 20].map((length) => envelope.seal(new Uint8Array(length)))
  expect(one?.length).toBe(word?.length)
  expect(channel.open(one ?? new Uint8Array(0))).toEqual(new Uint8Array(1))
})
