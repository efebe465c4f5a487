import crypto from 'node:crypto'
import { SealedChannel } from './channel.ts'
import { nodePrimitives } from './native/node.ts'
import { type Aead, noblePrimitives } from './primitives.ts'
import { type Outcome, primitives } from './two-ends.fixture.ts'

/** A platform that sets its ciphers up ahead, whenever a test says that nothing else is to do. */
export function idlePlatform(): { readonly aead: Aead; idle(): void } {
  const waiting: (() => void)[] = []
  const { aead } = nodePrimitives<crypto.KeyObject, Buffer>(
    crypto,
    (bytes) => Buffer.from(bytes),
    (run) => void waiting.push(run),
  )
  return { aead, idle: () => waiting.splice(0).forEach((run) => run()) }
}

/** Both ends of one channel, on a clock that a test turns. */
export function twoEnds(id = 1, pad = false, aead: Aead = primitives.aead) {
  const time = { nowMs: 0 }
  const end = (role: 'app' | 'runner') =>
    new SealedChannel({
      aead,
      role,
      secrets: {
        fromApp: new Uint8Array(32).fill(id),
        fromRunner: new Uint8Array(32).fill(id + 100),
        channel: new Uint8Array(8).fill(id),
      },
      clock: () => time.nowMs,
      pad,
    })
  return { app: end('app'), runner: end('runner'), time }
}

export const word = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff)

const text = (words: string): Uint8Array => Uint8Array.from(Buffer.from(words))

/** Whether both ends came out of a handshake with the same channel: a word goes through it each way. */
export function holdOneChannel({ app, runner }: Outcome): boolean {
  if (app.status !== 'open' || runner.status !== 'open') return false
  const common = { aead: noblePrimitives.aead, clock: () => 0, pad: false }
  const atApp = new SealedChannel({ ...common, role: 'app', secrets: app.secrets })
  const atRunner = new SealedChannel({ ...common, role: 'runner', secrets: runner.secrets })
  const [there, back] = [atRunner.open(atApp.seal(text('ls'))), atApp.open(atRunner.seal(text('bin')))]
  return there?.join() === text('ls').join() && back?.join() === text('bin').join()
}
