import { expect, it } from 'vitest'
import { saidBy } from './notifications.ts'

const ORIGIN = 'https://house.test'
const message = (notification: object) => JSON.stringify({ web_push: 8030, notification })

it('shows what the machine said, and a tap leads there', () => {
  const said = saidBy(
    message({
      title: 'codex needs you',
      body: 'Approve?\nattic',
      tag: 'attic/7',
      lang: 'en',
      navigate: `${ORIGIN}/#/m/attic/7`,
      data: { id: 'ab' },
    }),
    ORIGIN,
  )
  expect(said).toMatchObject({
    title: 'codex needs you',
    options: {
      body: 'Approve?\nattic',
      tag: 'attic/7',
      renotify: true,
      data: { navigate: `${ORIGIN}/#/m/attic/7`, id: 'ab' },
    },
  })
})

it('a message that cannot be read is shown all the same', () => {
  for (const text of ['no JSON', '[]', 'null', '{"notification":7}', message({ title: 7, body: {} })])
    expect(saidBy(text, ORIGIN)).toMatchObject({
      title: 'Latchkey',
      options: { body: '', data: { navigate: `${ORIGIN}/`, id: null } },
    })
})

it('a message without content is the broker calling its operator', () => {
  expect(saidBy('', ORIGIN, 'ru-RU')).toMatchObject({
    title: 'На вашем брокере что-то произошло',
    options: { lang: 'ru', tag: 'operator', data: { navigate: `${ORIGIN}/console#/activity` } },
  })
  expect(saidBy('', ORIGIN, 'xx').options).toMatchObject({ lang: 'en' })
})

it('a tap leads nowhere but into these pages', () => {
  for (const navigate of ['https://elsewhere.test/', 'javascript:alert(1)', '//elsewhere.test', '/x', 7])
    expect(saidBy(message({ title: 't', navigate }), ORIGIN).options.data.navigate).toBe(`${ORIGIN}/`)
})
