import { expect, it } from 'vitest'
import { PersonTerminal } from './person-terminal.ts'
import { latchkey, temporaryFolder, UpProcess } from './up-process.ts'

it('run offers a second machine through a broker that runs already', async () => {
  const up = new UpProcess()
  const { url } = await up.ready()
  const { secretFile } = up.upFile()
  const other = temporaryFolder()
  const runs = PersonTerminal.latchkey(
    ['run', '--broker', url, '--secret-file', secretFile, '--data-dir', other.path, '--name', 'second'],
    {},
  )
  const screen = await runs.sees('Waiting for an app')
  expect(screen).toContain('second')
  runs.type('?')
  await runs.sees('on another machine')
  const code = /[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(screen)?.[0] ?? ''
  const link = `${url}/p#1.${code.replaceAll('-', '')}`

  const person = PersonTerminal.latchkey(['attach', link, '--data-dir', other.path])
  // The link was cut after its code: then the PIN on the machine's screen has to do.
  await person.sees('PIN on the screen of second')
  const asked = await runs.sees('as reported by the broker')
  person.type(`${/PIN +(\d{3}) (\d{3})/.exec(asked)?.slice(1).join('')}\r`)
  await person.sees(/[$#%>] *$/m)
  person.type('echo $((6*7))\r')
  await person.sees(/42$/m)

  // Somebody is connected: the first Ctrl-C asks, the second stops.
  await runs.sees('1 app')
  await new Promise((resolve) => setTimeout(resolve, 300))
  runs.type('\u0003')
  await runs.sees('press Ctrl-C again to stop')
  await new Promise((resolve) => setTimeout(resolve, 300))
  runs.type('\u0003')
  expect(await runs.exited).toBe(130)
  person.kill()
  await up.stop()
  other.remove()
})

it('a wrong secret ends run with 4, and its words do not show it', async () => {
  const up = new UpProcess()
  const { url } = await up.ready()
  const other = temporaryFolder()
  const secret = 'a-wrong-secret-of-some-length'
  const args = ['run', '--broker', url, '--data-dir', other.path]
  const { exitCode, stderr, stdout } = await latchkey(args, { LATCHKEY_RUNNER_SECRET: secret })
  expect(exitCode).toBe(4)
  expect(stderr).toContain('refuses this machine')
  expect(stderr + stdout).not.toContain(secret)
  await up.stop()
  other.remove()
})
