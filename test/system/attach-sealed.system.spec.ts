import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { attachedPersons } from './attached-persons.ts'

afterEach(cleanUp)

async function machineAndPerson() {
  const { up, ready, folder, attach } = await attachedPersons('XDG_STATE_HOME')
  const asked = async () => {
    const event = await up.next((each) => each.event === 'pin' && typeof each['pin'] === 'string')
    return String(event['pin'])
  }
  return { up, ready, attach, asked, folder }
}

it('a typed code asks for the PIN on the machine, takes a second one after a wrong one, and never asks again', async () => {
  const { ready, attach, asked, folder } = await machineAndPerson()
  const person = attach(ready.code, '--broker', ready.url)
  const first = await asked()
  await person.sees(/PIN on the screen of .+ \(6 digits\): $/m)
  person.type('12\r')
  const wrong = first === '000000' ? '111111' : '000000'
  person.type(`${wrong}\r`)
  await person.sees('That was not the PIN')
  const second = await asked()
  expect(second).toMatch(/^[0-9]{6}$/)
  // The same digits are not sent again, so an attacker in between gets no second guess.
  person.type(`${wrong}\r`)
  await person.sees('You typed these digits a moment ago')
  person.type(`${second}\r`)
  await person.sees(/[$#%>] *$/m)
  person.type('echo $((6*7))\r')
  await person.sees(/^42$/m)
  expect(person.bytes).toContain('Sealed: the broker cannot read it.')
  person.type('\r~.')
  expect(await person.exited).toBe(0)

  const again = attach()
  await again.sees(/[$#%>] *$/m)
  again.type('echo $((6*9))\r')
  await again.sees(/^54$/m)
  expect(again.bytes).not.toContain('PIN')
  expect(again.bytes).toContain('Sealed: the broker cannot read it.')

  const keys = join(folder, 'latchkey', 'attach', 'sealed')
  const files = readdirSync(keys)
  expect(files).toContain('app-key')
  for (const name of files) expect(statSync(join(keys, name)).mode & 0o077).toBe(0)
})

it('a whole link opens a sealed shell without a question', async () => {
  const { ready, attach } = await machineAndPerson()
  const person = attach(ready.link)
  await person.sees(/[$#%>] *$/m)
  expect(person.bytes).toContain('Sealed: the broker cannot read it.')
  expect(person.bytes).not.toContain('PIN')
})

it('a link with another key than the machine has opens nothing', async () => {
  const { ready, attach } = await machineAndPerson()
  const [version, code, reach = '', secret] = new URL(ready.link).hash.slice(1).split('.')
  const wrong = `${reach.startsWith('A') ? 'B' : 'A'}${reach.slice(1)}`
  const person = attach(`${ready.url}/p#${version}.${code}.${wrong}.${secret}`)
  expect(await person.exited).not.toBe(0)
  // The machine says no more to somebody who cannot prove anything than that this link is none.
  await person.sees('no longer good')
})

it('nothing of a sealed session is in what the broker keeps', async () => {
  const { up, ready, attach } = await machineAndPerson()
  const person = attach(ready.link)
  await person.sees(/[$#%>] *$/m)
  person.type('echo canary-$((1000+337))\r')
  await person.sees('canary-1337')
  const kept = readdirSync(up.dataDir).filter((name) => name.startsWith('broker.sqlite'))
  expect(kept).not.toEqual([])
  for (const name of kept) expect(readFileSync(join(up.dataDir, name)).includes('canary')).toBe(false)
  expect(up.errorText).not.toContain('canary')
})

it('a machine that was started anew knows the app that it let in before, and nobody types a code', async () => {
  const { up, ready, attach } = await machineAndPerson()
  const person = attach(ready.link)
  await person.sees(/[$#%>] *$/m)
  process.kill(up.upFile().runnerPid, 'SIGKILL')
  await up.next((event) => event.event === 'runner' && event['status'] === 'restarting')
  await up.next((event) => event.event === 'code')
  // The terminal goes on where it was, for any app that comes by its key.
  person.type('echo back-$((6*7))\r')
  await person.sees(/^back-42$/m)
  person.kill()
  await person.exited
  const again = attach()
  await again.sees(/[$#%>] *$/m)
  expect(again.bytes).toContain('Sealed: the broker cannot read it.')
  expect(again.bytes).not.toContain('PIN')
})
