import { expect, it } from 'vitest'
import { joinTargetOf } from './join-target.ts'

const token = 'Tk_-'.repeat(10) + 'abc'

it.each([
  [`http://192.0.2.5:6969/join#${token}`, 'http://192.0.2.5:6969'],
  [`https://house.example/join?token=${token}`, 'https://house.example'],
  [`https://house.example/latchkey/join#${token}`, 'https://house.example/latchkey'],
])('%s is a link to join with', (link, brokerUrl) => {
  expect(joinTargetOf(link, undefined)).toEqual({ by: 'link', brokerUrl, token })
})

it('the link says which broker, whatever else is said', () => {
  expect(joinTargetOf(`http://a.example/join#${token}`, 'http://b.example')).toMatchObject({
    brokerUrl: 'http://a.example',
  })
})

it('a broker without a link is asked for approval', () => {
  expect(joinTargetOf(undefined, 'http://house.example:6969/')).toEqual({
    by: 'approval',
    brokerUrl: 'http://house.example:6969',
  })
})

it.each([
  [undefined, undefined],
  [token, undefined],
  ['http://house.example/join', undefined],
  ['http://house.example/join#short', undefined],
  [`http://house.example/p#${token}`, undefined],
  [`ftp://house.example/join#${token}`, undefined],
  [undefined, 'house'],
])('%s with broker %s says what is wanted', (word, broker) => {
  expect(joinTargetOf(word, broker)).toMatchObject({ by: 'nothing' })
})
