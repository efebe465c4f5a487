import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { endKeeper } from '../../apps/runner/src/testing/keeper-under-test.ts'
import { PersonTerminal } from './person-terminal.ts'
import { latchkey, Program, temporaryFolder } from './up-process.ts'

const upFile = z.object({ runnerPid: z.number() })
const listed = z.object({ recordings: z.array(z.looseObject({ name: z.string(), state: z.string() })) })

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function house() {
  const folder = temporaryFolder()
  cleanUps.push(folder.remove, () => endKeeper(join(folder.path, 'runner')))
  const up = new Program(['up', '--local', '--port', '0', '--data-dir', folder.path], {
    LATCHKEY_END_TERMINALS: '',
  })
  cleanUps.push(() => up.stop())
  const ready = await up.next(({ event }) => event === 'ready', 60_000)
  const elsewhere = temporaryFolder()
  cleanUps.push(elsewhere.remove)
  const person = PersonTerminal.latchkey(['attach', String(ready['link'])], {
    XDG_STATE_HOME: elsewhere.path,
  })
  cleanUps.push(() => person.kill())
  await person.sees(/[$#%>] *$/m, 60_000)
  const record = (...words: string[]) => latchkey(['record', ...words, '--data-dir', folder.path])
  return {
    up,
    person,
    record,
    own: (...words: string[]) => latchkey([...words, '--data-dir', folder.path]),
    file: (name: string) => join(folder.path, name),
    kill: () =>
      process.kill(
        upFile.parse(JSON.parse(readFileSync(join(folder.path, 'up.json'), 'utf8'))).runnerPid,
        'SIGKILL',
      ),
    list: async () => listed.parse(JSON.parse((await record('list', '--json')).stdout)).recordings,
  }
}

it('a terminal is recorded, each app is told, and the export verifies until a byte of it is flipped', async () => {
  const { record, person, own, file, list } = await house()
  expect(await record('no such')).toMatchObject({ exitCode: 2 })
  expect(await record('Terminal 1')).toMatchObject({ exitCode: 0 })
  await person.sees('The machine records this terminal.')
  expect((await own('status')).stdout).toMatch(/Terminal 1.*recording/)
  person.type('echo seen-$((40+2))\r')
  await person.sees('seen-42')
  const [running] = await list()
  expect(running).toMatchObject({ state: 'running' })
  expect(await record('--stop', 'Terminal 1')).toMatchObject({ exitCode: 0 })
  await person.sees('The recording of this terminal ended.')
  const name = running?.name ?? ''
  expect(await list()).toMatchObject([{ name, state: 'ended' }])
  expect(await record('export', name, file('a.cast'))).toMatchObject({ exitCode: 0 })
  expect(await record('export', name, file('a.cast'))).toMatchObject({ exitCode: 1 })
  expect(await record('export', '../identity.json')).toMatchObject({ exitCode: 2 })
  const whole = await record('verify', file('a.cast'))
  expect(whole).toMatchObject({ exitCode: 0 })
  expect(whole.stderr).toContain('The recording is whole')
  expect(await record('verify', file('a.cast'), '--runner', 'another')).toMatchObject({ exitCode: 4 })
  const bytes = readFileSync(file('a.cast'))
  const at = bytes.indexOf('seen-42')
  bytes[at] = 0x53
  writeFileSync(file('b.cast'), bytes)
  const changed = await record('verify', file('b.cast'))
  expect(changed.exitCode).toBe(1)
  const line = bytes.subarray(0, at).toString('latin1').split('\n').length
  expect(changed.stderr).toContain(`The recording was changed: line ${line},`)
})

it('after kill -9 of the runner the recording is unfinished, and its lines so far verify', async () => {
  const { record, person, up, kill, file, list } = await house()
  expect(await record('Terminal 1')).toMatchObject({ exitCode: 0 })
  person.type('echo seen-$((40+2))\r')
  await person.sees('seen-42')
  kill()
  await up.next((event) => event['status'] === 'restarting', 60_000)
  await up.next((event) => event.event === 'code', 60_000)
  const [left] = await list()
  expect(left).toMatchObject({ state: 'unfinished' })
  await record('export', left?.name ?? '', file('a.cast'))
  const verified = await record('verify', file('a.cast'))
  expect(verified.exitCode).toBe(1)
  expect(verified.stderr).toMatch(/unfinished: .* Lines 1 to \d+ of \d+ are as the machine/)
})
