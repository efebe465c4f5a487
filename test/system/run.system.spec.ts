import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PersonTerminal } from './person-terminal.ts'
import { latchkey, temporaryFolder, UpProcess } from './up-process.ts'

it('run offers a second machine through a broker that runs already', async () => {
  const up = new UpProcess()
  const { url } = await up.ready()
  const secret = readFileSync(up.upFile().secretFile, 'utf8').trim()
  const other = temporaryFolder()
  const runs = PersonTerminal.latchkey(
    ['run', '--broker', url, '--data-dir', other.path, '--name', 'second'],
    // A terminal's child can read the environment of every process above it.
    { LATCHKEY_RUNNER_SECRET: secret, DATABASE_URL: `postgres://canary:${secret}@db.example/d` },
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
  person.type(
    'p=$$; while [ $p -gt 1 ]; do tr "\\0" "\\n" < /proc/$p/environ; p=$(sed -n "s/^PPid:.//p" /proc/$p/status); done > all; ',
  )
  person.type(`grep -q PATH= all && ! grep -q ${secret} all && echo looked=clean; rm all\r`)
  await person.sees(/^looked=clean$/m)

  // Somebody is connected: the first Ctrl-C asks, the second stops.
  await runs.sees('1 app')
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
