import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { voiceTo } from './feature-voice.fixture.ts'
import { type PushTestStep, type PushWish, pushFeature } from './push-feature.ts'

const wish: PushWish = {
  subscription: null,
  rules: { needsYou: true, failed: true, done: false, quiet: null, muted: [] },
  language: 'en',
  page: 'https://house.test',
}
const ID = 'ab'.repeat(16)

function feature() {
  const said: AppMessage[] = []
  return { said, voice: voiceTo(said), made: pushFeature() }
}

it('the machine is told how to call this app: once, and again on each new channel', () => {
  const { made, said, voice } = feature()
  made.want(wish)
  expect(said).toEqual([])
  made.offered(voice)
  made.want({ ...wish })
  expect(said).toEqual([{ type: 'pushWanted', ...wish }])
  made.want({ ...wish, language: 'ru' })
  made.lost()
  made.offered(voice)
  expect(said.map((each) => each.type === 'pushWanted' && each.language)).toEqual(['en', 'ru', 'ru'])
})

it('a machine that offers no push is no failure: nothing is said to it', () => {
  const { made } = feature()
  made.want(wish)
  expect([made.isOffered.current, made.test(ID, () => {})]).toEqual([null, null])
})

it('a test hears its own steps alone, and that the channel was lost', () => {
  const { made, said, voice } = feature()
  made.offered(voice)
  const steps: (PushTestStep | null)[] = []
  made.test(ID, (step) => steps.push(step))
  expect(said).toEqual([{ type: 'pushTest', request: 1, id: ID }])
  made.hear({ type: 'pushTested', request: 1, step: 'sealed' })
  made.hear({ type: 'pushTested', request: 9, step: 'sealed' })
  made.hear({ type: 'pushTested', request: 1, step: 'sent', outcome: 'taken', status: 201 })
  made.hear({ type: 'pushTested', request: 1, step: 'sealed' })
  expect(steps).toEqual([{ step: 'sealed' }, { step: 'sent', outcome: 'taken', status: 201 }])
  made.test(ID, (step) => steps.push(step))
  made.lost()
  expect(steps.at(-1)).toBeNull()
})

it('what the machine says about its standing is known', () => {
  const { made } = feature()
  made.hear({ type: 'pushStanding', endpoint: null, dropped: 'gone' })
  expect(made.standing.current).toEqual({ endpoint: null, dropped: 'gone' })
})
