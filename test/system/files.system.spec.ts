import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { attachedPersons } from './attached-persons.ts'
import { capturing } from './capturing.ts'
import { latchkey, Program } from './up-process.ts'

/** So often runner or broker are killed while a file is sent; CONTRIBUTING.md says how it is done in full. */
const KILLS = Number(process.env['LATCHKEY_FILE_KILLS'] ?? 2)
const MB = 1_000_000

afterEach(cleanUp)

const names = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** A machine whose shells start in `work`, and a person elsewhere; each byte between them and the broker is kept. */
async function personAndMachine() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-files-')))
  atCleanUp(() => rmSync(root, { recursive: true, force: true }))
  const people = await attachedPersons('LATCHKEY_DATA_DIR', { args: ['--cwd', root] })
  const { captured, url } = await capturing(Number(new URL(people.ready.url).port))
  const person = people.attach(people.ready.link, '--broker', url)
  await person.sees(/[$#%>] *$/m)
  const run = (...words: readonly string[]) => latchkey(words, people.elsewhere)
  return { ...people, work: root, own: join(root, '.latchkey'), person, run, captured }
}

it('a file goes to a terminal and comes back whole, its path is typed, and the broker reads no byte of it', async () => {
  const { work, own, person, run, captured, folder } = await personAndMachine()
  const word = `canary${randomBytes(9).toString('hex')}`
  const file = join(folder, 'it is here.txt')
  writeFileSync(file, `${word}\n`.repeat(20_000))
  const sent = await run('send', file, '--type')
  expect(sent.stderr).not.toContain('ended')
  expect(sent).toMatchObject({ exitCode: 0, stdout: `${join(own, 'it is here.txt')}\n` })
  await person.sees("/.latchkey/it is here.txt' ")
  expect(sha256(join(own, 'it is here.txt'))).toBe(sha256(file))
  expect(statSync(join(own, 'it is here.txt')).mode & 0o777).toBe(0o600)
  const again = await run('send', file)
  expect(again.stdout).toBe(`${join(own, 'it is here-2.txt')}\n`)
  const fetched = join(folder, 'fetched.txt')
  expect(await run('get', '.latchkey/it is here.txt', fetched)).toMatchObject({
    exitCode: 0,
    stdout: `${fetched}\n`,
  })
  expect(sha256(fetched)).toBe(sha256(file))
  const piped = await run('get', join(own, 'it is here.txt'), '-')
  expect(createHash('sha256').update(piped.stdout).digest('hex')).toBe(sha256(file))
  expect(captured().length).toBeGreaterThan(2 * statSync(file).size)
  for (const secret of [word, 'it is here', work]) expect(captured().includes(secret)).toBe(false)
})

it('what cannot be sent or fetched is refused with a sentence, and nothing is replaced', async () => {
  const { work, run, folder } = await personAndMachine()
  symlinkSync('/etc/hostname', join(work, 'link'))
  writeFileSync(join(work, 'a.txt'), 'there')
  writeFileSync(join(folder, 'a.txt'), 'here')
  const cases = [
    { words: ['send', folder], exitCode: 2, says: /no regular file/ },
    { words: ['send', join(folder, 'a.txt'), 'nowhere'], exitCode: 4, says: /no terminal "nowhere"/ },
    { words: ['get', 'link'], exitCode: 4, says: /symbolic link to \/etc\/hostname/ },
    { words: ['get', 'a.txt', join(folder, 'a.txt')], exitCode: 2, says: /is there already/ },
  ] as const
  for (const { words, exitCode, says } of cases) {
    const ended = await run(...words)
    expect(ended.stderr, words.join(' ')).toMatch(says)
    expect(ended.exitCode, words.join(' ')).toBe(exitCode)
  }
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('here')
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
})

it(`a file arrives once and whole, though runner or broker are killed ${KILLS} times on its way`, async () => {
  const { own, up, folder, elsewhere } = await personAndMachine()
  const file = join(folder, 'big.bin')
  writeFileSync(file, randomBytes(30 * MB))
  const sending = new Program(['send', file], elsewhere)
  let had = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const part = () => names(own).find((name) => name.endsWith('.part'))
    const size = () => statSync(join(own, part() ?? 'none'), { throwIfNoEntry: false })?.size ?? 0
    await expect.poll(size, { timeout: 60_000, interval: 5 }).toBeGreaterThan(had)
    had = size()
    const [victim, pid] =
      kill % 2 === 0 ? ['runner', up.upFile().runnerPid] : ['broker', up.upFile().brokerPid]
    process.kill(Number(pid), 'SIGKILL')
    expect(names(own)).not.toContain('big.bin')
    await up.next(({ event, status }) => event === victim && status === 'restarting')
  }
  const sent = await sending.next(({ event }) => event === 'sent', 120_000)
  expect(await sending.ended()).toBe(0)
  expect(sha256(String(sent['path']))).toBe(sha256(file))
  expect(readdirSync(own).sort()).toEqual(['.gitignore', 'big.bin'])
})
