import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf } from '../control-socket.ts'
import type { PairingStatus, Refusal } from './link.ts'
import { Standing } from './standing.ts'

const there: PairingStatus = { success: true, paired: true, runnerId: 'r', runnerOnline: true, message: '' }
const away: PairingStatus = { ...there, runnerOnline: false }
const unpaired: PairingStatus = { success: true, paired: false, message: '' }

let told: PairingStatus[]
let waiting: { readonly ms: number; readonly run: () => void } | null
let answers: (PairingStatus | Refusal)[]
let asked: number
let up: boolean
let standing: Standing

beforeEach(() => {
  told = []
  waiting = null
  answers = []
  asked = 0
  up = true
  standing = new Standing({
    platform: {
      randomBytes: (count) => new Uint8Array(count).fill(255),
      after: (ms, run) => {
        const entry = { ms, run }
        waiting = entry
        return () => {
          if (waiting === entry) waiting = null
        }
      },
    },
    ask: () => {
      asked++
      return Promise.resolve(answers.shift() ?? there)
    },
    events: { statusTold: (status) => void told.push(status) },
    isUp: () => up,
  })
})

async function timePasses(): Promise<number> {
  const entry = waiting
  if (entry === null) throw new Error('nothing is waited for')
  waiting = null
  entry.run()
  await new Promise((resolve) => setImmediate(resolve))
  return entry.ms
}

describe('how an app stands with its machine', () => {
  it('is asked once when the machine is there, or there is none', async () => {
    answers = [there, unpaired]
    await standing.ask()
    expect(waiting).toBeNull()
    await standing.ask()
    expect(waiting).toBeNull()
    expect(told).toEqual([there, unpaired])
  })

  it('is asked again while the machine is away, ever more seldom, and at least once a minute', async () => {
    answers = Array.from({ length: 9 }, () => away)
    await standing.ask()
    const waits: number[] = []
    while (waiting !== null) waits.push(Math.round((await timePasses()) / 1_000))
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
    expect(told.at(-1)).toEqual(there)
  })

  it('is asked again while the broker cannot look it up, and not while there is no broker', async () => {
    answers = [refusalOf('NETWORK_ERROR', ''), refusalOf('NETWORK_ERROR', '')]
    await standing.ask()
    up = false
    await timePasses()
    expect(waiting).toBeNull()
    expect(told).toEqual([])
  })

  it('is not what an answer says that a fact has overtaken', async () => {
    answers = [away]
    const answer = standing.ask()
    standing.heard({ away: false })
    await answer
    expect(told).toEqual([])
    await timePasses()
    expect(told).toEqual([there])
    expect(waiting).toBeNull()
  })

  it('is asked after a fact that the machine is away, since nobody may be left to tell that it is back', async () => {
    standing.heard({ away: true })
    await timePasses()
    expect(asked).toBe(1)
    expect(told).toEqual([there])
  })
})
