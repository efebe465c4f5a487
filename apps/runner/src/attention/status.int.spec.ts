import { expect, it } from 'vitest'
import { connectApp, textOf, until } from '../testing/app-under-test.ts'
import { keeperUnderTest } from '../testing/keeper-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { personAtTerminal } from '../testing/person-at-terminal.ts'
import type { TerminalStatus } from './terminal-status.ts'

const is = (state: TerminalStatus['state']) => (status: TerminalStatus) => status.state === state
/** A command that ran for two seconds is done, a shorter one is not worth telling. */
const atPrompt = ({ state }: TerminalStatus) => state === 'idle' || state === 'done'

it('a plain shell is idle, works while a command runs, and is done when it has ended', async () => {
  const person = await personAtTerminal(machineUnderTest({ shell: '/bin/bash' }).accept)
  await person.becomes(is('idle'))
  person.type('cd /usr; sleep 2.5\n')
  expect(await person.becomes(is('working'))).toMatchObject({ program: 'sleep', folder: '/usr' })
  const done = await person.becomes(
    ({ state, lastLines }) => state === 'done' && lastLines.join('\n').includes('sleep 2.5'),
  )
  expect(done).toMatchObject({ program: 'bash', message: expect.stringContaining('not known') })
  person.type('\n')
  await person.becomes(is('idle'))
})

it('a password is asked for, a bell calls, and a notification has words', async () => {
  const person = await personAtTerminal(machineUnderTest({ shell: '/bin/bash' }).accept)
  person.type('read -rsp "Password: " x\n')
  expect(await person.becomes(is('needs-you'))).toMatchObject({ kind: 'auth' })
  person.type('secret\n')
  await person.becomes(atPrompt)
  person.type("sleep 1; printf '\\a'; cat\n")
  await person.becomes((status) => status.state === 'needs-you' && status.kind === undefined)
  person.type('\x03')
  await person.becomes(atPrompt)
  person.type("sleep 1; printf '\\e]9;Look here\\e\\\\'; cat\n")
  expect(await person.becomes(({ message }) => message !== undefined)).toMatchObject({
    state: 'needs-you',
    message: 'Look here',
  })
  person.type('\x03')
  await person.becomes(atPrompt)
})

it('an editor that waits is idle, and its title and folder are told', async () => {
  const person = await personAtTerminal(machineUnderTest({ shell: '/bin/bash' }).accept)
  person.type("printf '\\e]2;my title\\a\\e]7;file:///some/folder\\a'; vim -u NONE --noplugin\n")
  const waits = await person.becomes(({ program, lastLines }) => program === 'vim' && lastLines.includes('~'))
  expect(waits).toMatchObject({ state: 'idle', title: 'my title', folder: '/some/folder' })
  // A key that is pressed while it starts is lost.
  await until(() => textOf(person.phone.seen(person.terminal).bytes).includes('for on-line help'))
  person.type(':q!\r')
  await person.becomes(({ state, program }) => state === 'idle' && program === 'bash')
  person.type('exit 3\n')
  expect(await person.becomes(is('failed'))).toMatchObject({ message: 'exit 3' })
})

it('a program hears that its terminal is drawn light by the app that shows it', async () => {
  const { phone, terminal, type } = await personAtTerminal(machineUnderTest({ shell: '/bin/bash' }).accept)
  const shows = (text: string) => until(() => textOf(phone.seen(terminal).bytes).includes(text))
  type("stty raw -echo; printf '\\033[?2031h\\033[?996n'; head -c 9 | od -An -c; head -c 9 | od -An -c\n")
  await shows('9   9   7   ;   1   n')
  phone.say({ type: 'front', terminal, theme: 'light' })
  await shows('9   9   7   ;   2   n')
})

it('a program that asks whether its status is understood is answered once, before what it asked next', async () => {
  const kept = keeperUnderTest()
  let machine = await kept.runner({ restAfterMs: 50 })
  const person = await personAtTerminal(machine.accept)
  const ask =
    "stty raw -echo; printf '\\033]7501;?\\033\\\\\\033[c'; head -c 17 | od -An -c; head -c 16 | od -An -c\n"
  person.type(ask)
  const shows = (text: string) => until(() => textOf(person.phone.seen(person.terminal).bytes).includes(text))
  await shows('7   5   0   1   ;   ? 033   \\ 033   [   ?')
  // The screen is drawn anew from all that was printed, by this runner and by the next one.
  await until(() => machine.terminals.get(person.terminal)?.rests === true)
  await machine.leave()
  machine = await kept.runner()
  const again = connectApp(machine.accept)
  again.attach(person.terminal)
  // The second answer, if there were one, would be shown before this.
  again.type(person.terminal, 0, `${'e'.repeat(16)}end`)
  await until(() => textOf(again.seen(person.terminal).bytes).includes('e   e   e'))
  expect(textOf(again.seen(person.terminal).bytes)).not.toContain('7   5   0   1')
})

it('a program is told by focus reports whether somebody looks', async () => {
  const machine = machineUnderTest({ shell: '/bin/bash' })
  const person = await personAtTerminal(machine.accept)
  const { phone, terminal } = person
  person.type("stty raw -echo; printf '\\e[?1004h'; exec cat -v\n")
  await person.becomes(({ program }) => program === 'cat')
  const shown = () => textOf(phone.seen(terminal).bytes)
  phone.say({ type: 'front', terminal: null })
  await until(() => shown().includes('^[[O'))
  phone.say({ type: 'front', terminal })
  await until(() => shown().includes('^[[O^[[I'))
  phone.say({ type: 'detach', terminal }, { type: 'front', terminal: null })
  const other = connectApp(machine.accept, { app: 'other' })
  other.attach(terminal)
  const reports = () => {
    const { snapshots, bytes } = other.seen(terminal)
    const shown = snapshots.map((snapshot) => textOf(snapshot.bytes)).join('') + textOf(bytes)
    return shown.match(/\^\[\[[IO]/g)?.join('') ?? ''
  }
  await until(() => reports() === '^[[O^[[I^[[O^[[I')
  expect(person.statuses.filter(is('needs-you'))).toEqual([])
})

it('the next runner knows what the program said to the one before', async () => {
  const kept = keeperUnderTest()
  const before = await kept.runner()
  const person = await personAtTerminal(before.accept)
  person.type(
    "printf '\\033]2;agent\\033\\\\\\033]7501;state=blocked:kind=permission:app=agent\\033\\\\'; cat\n",
  )
  await person.becomes(is('needs-you'))
  await before.leave()
  const machine = await kept.runner()
  const news: TerminalStatus[] = []
  machine.status.subscribe({ changed: (status) => news.push(status), gone: () => {} })
  expect(machine.status.current(person.terminal)).toBeNull()
  expect(await machine.status.list()).toHaveLength(1)
  expect(machine.status.current(person.terminal)).toMatchObject({
    state: 'needs-you',
    title: 'agent',
    program: 'agent',
    kind: 'permission',
  })
  // It was news to the runner before.
  expect(news).toEqual([])
})

it('a flood of signs is told a few times a second', async () => {
  const person = await personAtTerminal(machineUnderTest({ shell: '/bin/bash' }).accept)
  await person.becomes(is('idle'))
  const begunMs = performance.now()
  person.type(
    "for ((i = 0; i < 20000; i++)); do printf '\\e]0;%s\\a\\e]7501;state=working:progress=%s\\a\\a\\e]9;%s\\a' $i $((i % 100)) $i; done; printf '\\e]7501;clear\\a\\e]7501;state=clear\\a'; cat\n",
  )
  await person.becomes(({ title, state }) => title === '19999' && state !== 'idle')
  const seconds = (performance.now() - begunMs) / 1_000
  expect(person.statuses.length).toBeLessThan(4 * seconds + 6)
})
