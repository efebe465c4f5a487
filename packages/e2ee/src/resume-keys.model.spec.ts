import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstResumeKeys,
  RETIRED_KEYS_MAX,
  type ResumeKeyState,
  type ResumeKeys,
  renewResumeKeys,
  resumeKeysToTry,
} from './resume-keys.ts'

let drawn = 0
const freshKey = (): Uint8Array => {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(0, ++drawn)
  return key
}

/** A runner that keeps the keys of one app, and copies of the app's store. */
class Machine {
  keys: ResumeKeys
  alarmed = false

  constructor(first: Uint8Array) {
    this.keys = firstResumeKeys(first)
  }

  /** What the holder of `key` has stored afterwards. `arrives`: the grant gets to it. */
  welcomeBack(key: Uint8Array, arrives: boolean): Uint8Array {
    const fresh = freshKey()
    const renewed = renewResumeKeys(this.keys, key, fresh)
    if (renewed === null) {
      const known = resumeKeysToTry(this.keys).find((each) => Buffer.from(each.key).equals(key))
      this.alarmed ||= known?.state === 'retired'
      return key
    }
    this.keys = renewed
    return arrives ? fresh : key
  }
}

describe('the resume keys of an app', () => {
  it('raise no alarm while one alone uses them, whichever answers are lost', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (answers) => {
        const first = freshKey()
        const machine = new Machine(first)
        let stored = first
        for (const arrives of answers) stored = machine.welcomeBack(stored, arrives)
        expect(machine.alarmed).toBe(false)
        expect(resumeKeysToTry(machine.keys).slice(0, 2)).toContainEqual(
          expect.objectContaining({ key: stored }),
        )
      }),
    )
  })

  it('raise the alarm when two use copies of them: the latest moment is when one is back after the other was', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (before) => {
        const copied = freshKey()
        const machine = new Machine(copied)
        const stored = { owner: copied, thief: copied }
        const come = (who: 'owner' | 'thief') => {
          stored[who] = machine.welcomeBack(stored[who], true)
        }
        for (const isOwner of before) come(isOwner ? 'owner' : 'thief')
        const last = before.at(-1) === true ? 'owner' : 'thief'
        const other = last === 'owner' ? 'thief' : 'owner'
        come(other)
        come(last)
        expect(machine.alarmed).toBe(true)
      }),
    )
  })

  it('are another one at each return', () => {
    const first = freshKey()
    const machine = new Machine(first)
    const seen = new Set([first.join()])
    let stored = first
    for (let day = 0; day < 5; day++) {
      stored = machine.welcomeBack(stored, true)
      expect(seen.has(stored.join())).toBe(false)
      seen.add(stored.join())
    }
  })

  it('that were replaced are remembered, up to a bound, and tried after those that open', () => {
    const first = freshKey()
    const machine = new Machine(first)
    let stored = first
    for (let times = 0; times < RETIRED_KEYS_MAX + 5; times++) stored = machine.welcomeBack(stored, true)
    const states: ResumeKeyState[] = resumeKeysToTry(machine.keys).map(({ state }) => state)
    expect(states.slice(0, 3)).toEqual(['offered', 'confirmed', 'retired'])
    expect(states).toHaveLength(2 + RETIRED_KEYS_MAX)
    machine.welcomeBack(first, true)
    expect(machine.alarmed, 'a copy that is older than all that is remembered is a stranger').toBe(false)
  })
})
