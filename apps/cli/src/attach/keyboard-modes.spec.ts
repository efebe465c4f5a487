import { QueryFilter } from '@latchkey/connection/app/query-filter'
import { describe, expect, it } from 'vitest'
import { KeyboardModes } from './keyboard-modes.ts'

/** What a terminal is given of `output`, and at leaving. */
function given(output: string) {
  const modes = new KeyboardModes()
  const filter = new QueryFilter({ csi: (csi) => modes.translate(csi), fullReset: () => modes.fullReset() })
  const passed = new TextDecoder().decode(filter.filter(new TextEncoder().encode(output)))
  return { modes, passed, undoingAlternate: modes.leaveAlternate(), undoing: modes.undoingMain }
}

describe('the keyboard mode that a program asked for', () => {
  it('is passed on as one entry of the terminal’s stack, and taken back at leaving', () => {
    expect(given('\x1b[>1u')).toMatchObject({ passed: '\x1b[>1u', undoing: '\x1b[<u' })
    expect(given('\x1b[>1u\x1b[>5u\x1b[<u')).toMatchObject({
      passed: '\x1b[>1u\x1b[=5;1u\x1b[=1;1u',
      undoing: '\x1b[<u',
    })
    expect(given('plain')).toMatchObject({ passed: 'plain', undoing: '' })
  })

  it('never takes more from the stack than was put there', () => {
    expect(given('\x1b[<9u\x1b[<u')).toMatchObject({ passed: '', undoing: '' })
    expect(given('\x1b[>1u\x1b[<9u')).toMatchObject({ passed: '\x1b[>1u\x1b[=0;1u', undoing: '\x1b[<u' })
  })

  it('is set, added to and taken from, as the protocol says', () => {
    expect(given('\x1b[=1u\x1b[=4;2u\x1b[=1;3u').passed).toBe('\x1b[>1u\x1b[=5;1u\x1b[=4;1u')
  })

  it('is the main screen’s or the alternate one’s', () => {
    const inside = given('\x1b[>1u\x1b[?1049h\x1b[>3u')
    expect(inside.passed).toBe('\x1b[>1u\x1b[?1049h\x1b[>3u')
    expect([inside.undoingAlternate, inside.undoing]).toEqual(['\x1b[<u', '\x1b[<u'])
  })

  it('leaves nothing on the alternate screen, and comes back with it', () => {
    const left = given('\x1b[?1049h\x1b[>3u\x1b[?1049l')
    expect(left.passed).toBe('\x1b[?1049h\x1b[>3u\x1b[<u\x1b[?1049l')
    expect([left.undoingAlternate, left.undoing]).toEqual(['', ''])
    expect(given('\x1b[?1049h\x1b[>3u\x1b[?1049l\x1b[?47h').passed).toMatch(/47h\x1b\[>3u$/)
  })

  it('of XTMODKEYS passes, and is reset at leaving', () => {
    expect(given('\x1b[>4;2m')).toMatchObject({ passed: '\x1b[>4;2m', undoing: '\x1b[>4m' })
    expect(given('\x1b[>4;2m\x1b[>4m').undoing).toBe('')
  })

  it('is none after a full reset, and none where a snapshot begins', () => {
    expect(given('\x1b[>1u\x1bc\x1b[>1u').passed).toBe('\x1b[>1u\x1bc\x1b[>1u')
    const { modes } = given('\x1b[>1u\x1b[>4;1m')
    expect(modes.startOver()).toBe('\x1b[=0;1u\x1b[>4m')
    expect(modes.startOver()).toBe('')
    const inside = given('\x1b[?1049h\x1b[>1u').modes
    const filter = new QueryFilter({ csi: (csi) => inside.translate(csi) })
    inside.startOver()
    const snapshot = filter.filter(new TextEncoder().encode('\x18\x1b[?1049l\x1b[<99u\x1b[=0u'))
    expect(new TextDecoder().decode(snapshot)).toBe('\x1b[?1049l')
  })
})
