import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PersonTerminal } from './person-terminal.ts'
import { LATCHKEY, temporaryFolder } from './up-process.ts'

const upArgs = (dataDir: string): string[] => ['up', '--local', '--port', '0', '--data-dir', dataDir]

it('the first screen shows its parts in order, counts down, and gives the terminal back as it was', async () => {
  const folder = temporaryFolder()
  const [before, after] = [join(folder.path, 'before'), join(folder.path, 'after')]
  const script = `stty -a > ${before}; "$@"; echo ended with $?; stty -a > ${after}`
  const log = join(folder.path, 'debug.log')
  const args = [...upArgs(join(folder.path, 'data')), '--debug', log]
  const command = ['-c', script, 'sh', process.execPath, LATCHKEY, ...args]
  const person = new PersonTerminal('/bin/sh', command)
  const text = await person.sees('Waiting for an app')
  const parts = [
    /[▀▄█]/,
    /Type +[0-9A-Z]{3}-/,
    /Opens/,
    /Seal +the broker can read nothing/,
    /Lasts +until/,
    /console/,
  ]
  const places = parts.map((part) => text.search(part))
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(places[0]).toBeGreaterThanOrEqual(0)

  const code = /[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(text)?.[0] ?? ''
  person.type('n')
  await expect.poll(async () => (await person.text()).includes(code)).toBe(false)

  person.type('l')
  await person.sees('Locked: no new app can pair')
  person.type('l')
  await person.sees('New apps can pair again')
  person.type('d')
  await person.sees('No app is known here yet')
  person.type('d')
  await person.sees('Waiting for an app')
  person.type('o')
  await person.sees('The console of this broker')
  // Too long for this window, so it is on the clipboard.
  const copied = /\u001b\]52;c;([^\u0007]+)\u0007/.exec(person.bytes)?.[1] ?? ''
  expect(Buffer.from(copied, 'base64').toString()).toMatch(/^http\S+\/console#\S+$/)
  person.type('o')

  person.type('\u0003')
  await person.sees('ended with 130')
  expect(person.bytes.lastIndexOf('\u001b[?25h')).toBeGreaterThan(person.bytes.lastIndexOf('\u001b[?25l'))
  await person.exited
  expect(readFileSync(after, 'utf8')).toBe(readFileSync(before, 'utf8'))
  // What broker and runner did is in the file that was named, without the code.
  expect(person.bytes).toContain('debug.log')
  const written = readFileSync(log, 'utf8')
  expect(written).not.toBe('')
  expect(written).not.toContain(code)
  folder.remove()
})

it('in 80 x 24 code, QR and keys are there at once, and the long QR comes at a key', async () => {
  const folder = temporaryFolder()
  const person = PersonTerminal.latchkey(upArgs(folder.path))
  person.resize(80, 24)
  const text = await person.sees('Waiting for an app')
  expect(text).toMatch(/[▀▄█]/)
  person.type('q')
  await person.sees('q back')
  person.type('q')
  await person.sees('Waiting for an app')
  person.type('\u0003')
  expect(await person.exited).toBe(130)
  folder.remove()
})

it('NO_COLOR takes every colour, CI and a dumb terminal every animation', async () => {
  const folder = temporaryFolder()
  const colorless = PersonTerminal.latchkey(upArgs(folder.path), { NO_COLOR: '1' })
  await colorless.sees('Waiting for an app')
  expect(colorless.bytes).not.toMatch(/\u001b\[[0-9;]*m/)
  colorless.type('\u0003')
  await colorless.exited

  for (const env of [{ CI: 'true' }, { TERM: 'dumb' }]) {
    const plain = PersonTerminal.latchkey(upArgs(folder.path), env)
    await plain.sees('Waiting for an app')
    expect(plain.bytes).not.toContain('\u001b')
    expect(plain.bytes).not.toMatch(/[▀▄█]/)
    expect(plain.bytes).toMatch(/Code +[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}/)
    plain.type('\u0003')
    expect(await plain.exited).toBe(130)
  }
  folder.remove()
})
