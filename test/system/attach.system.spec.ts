import { afterEach, expect, it } from 'vitest'
import { cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { attachedPersons } from './attached-persons.ts'

afterEach(cleanUp)

/** A running machine and a person attached to it from elsewhere. */
async function attached(env: Readonly<Record<string, string>> = {}) {
  const { up, ready, attach } = await attachedPersons('XDG_STATE_HOME', { env })
  const person = attach(ready.link)
  await up.next((event) => event.event === 'app' && event['action'] === 'connected')
  await person.sees(/[$#%>] *$/m)
  return { up, ready, person }
}

it('attach opens a shell: what is typed runs there, what it prints is seen here', async () => {
  const { person } = await attached()
  person.type('echo $((6*7))\r')
  await person.sees(/^42$/m)
})

it('a shell knows that Latchkey opened it, and will not open the machine inside itself', async () => {
  const { person } = await attached()
  person.type(`"${process.execPath}" "$(dirname "$0")" 2>/dev/null; echo "inside=$LATCHKEY"\r`)
  await person.sees(/^inside=.+$/m)
})

/** Prints numbered lines for about five seconds. */
const COUNTING =
  'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line-$i-end; sleep 0.01; done; echo all-$((1+1))-done\r'

it('a broker killed under an open terminal comes back on its port, and nothing is lost or doubled', async () => {
  const { up, ready, person } = await attached()
  person.type(COUNTING)
  await person.sees('line-60-end')
  const { brokerPid } = up.upFile()
  process.kill(brokerPid, 'SIGKILL')
  await up.next((event) => event.event === 'broker' && event['status'] === 'restarting')
  const back = await up.next((event) => event.event === 'broker' && event['status'] === 'listening')
  expect(back['url']).toBe(ready.url)
  // Typed while the broker is away: applied once after it is back.
  person.type('echo typed-$((2+3))\r')
  await person.sees('all-2-done', 60_000)
  await person.sees('typed-5')
  const lines = await person.lines()
  const numbers = lines.flatMap((line) => /^line-(\d+)-end$/.exec(line)?.[1] ?? [])
  expect(numbers).toEqual(Array.from({ length: 300 }, (_, index) => String(index + 1)))
  // It may stand behind a prompt. The command line itself reads differently.
  expect(lines.filter((line) => line.endsWith('typed-5'))).toHaveLength(1)
})

it('a runner killed is started again, and its terminal goes on', async () => {
  const { up, person } = await attached()
  person.type('kept=still-here\r')
  const { runnerPid } = up.upFile()
  process.kill(runnerPid, 'SIGKILL')
  await up.next((event) => event.event === 'runner' && event['status'] === 'restarting')
  await up.next((event) => event.event === 'code')
  person.type('echo $kept-$((6*7))\r')
  await person.sees(/still-here-42$/m)
  expect(up.upFile().runnerPid).not.toBe(runnerPid)
})
