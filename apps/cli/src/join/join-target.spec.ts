import { expect, it } from 'vitest'
import { joinTargetOf } from './join-target.ts'

const token = 'Tk_-'.repeat(10) + 'abc'

it.each([
  [`http://192.0.2.5:6969/join#${token}`, 'http://192.0.2.5:6969'],
  [`https://house.example/join?token=${token}`, 'https://house.example'],
  [`https://house.example/latchkey/join#${token}`, 'https://house.example/latchkey'],
])('%s is a link to join with', (link, brokerUrl) => {
  expect(joinTargetOf(link)).toEqual({ by: 'link', brokerUrl, token })
})

it.each([
  undefined,
  token,
  'http://house.example/join',
  'http://house.example/join#short',
  `http://house.example/p#${token}`,
  `ftp://house.example/join#${token}`,
])('%s says what is wanted', (word) => {
  expect(joinTargetOf(word)).toMatchObject({ by: 'nothing' })
})
