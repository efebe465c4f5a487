import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { isProgram } from '../shell-environment.ts'
import { textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { personAtTerminal } from '../testing/person-at-terminal.ts'
import { type IntegrationChoice, ShellIntegration } from './shell-integration.ts'

/** A home folder with these files, and a shell in it. */
async function atHome(
  shell: string,
  files: Readonly<Record<string, string>>,
  wanted: IntegrationChoice = 'on',
) {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-shell-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text)
  const stateFolder = mkdtempSync(join(tmpdir(), 'latchkey-state-'))
  onTestFinished(() => rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 }))
  const integration = new ShellIntegration({
    stateFolder,
    wanted,
    onTrouble: (message) => {
      throw new Error(message)
    },
  })
  const path = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, shell))
    .find(isProgram)
  if (path === undefined) throw new Error(`${shell} is missing: install it, as with apt-get install ${shell}`)
  const machine = machineUnderTest({ shell: path, home, integration })
  const person = await personAtTerminal(machine.accept)
  const output = () => textOf(person.phone.seen(person.terminal).bytes)
  return { ...person, home, stateFolder, integration, machine, output }
}

const SHELLS = [
  { shell: 'bash', files: { '.bashrc': "PS1='mine> '\nalias hi='echo hi there'\n" } },
  {
    shell: 'bash',
    files: {
      '.bashrc': "PROMPT_COMMAND='false; PS1=\"mine> \";'\nPS0='[go]'\nset -u\nalias hi='echo hi there'\n",
    },
  },
  {
    shell: 'bash',
    files: { '.bashrc': "PROMPT_COMMAND=('PS1=\"mine> \"' 'true')\nIFS=x\nalias hi='echo hi there'\n" },
  },
  {
    shell: 'zsh',
    files: { '.zshenv': 'export FROM_ENV=1\n', '.zshrc': "PS1='mine> '\nalias hi='echo hi there'\n" },
  },
  {
    shell: 'zsh',
    files: {
      '.zshenv': 'export FROM_ENV=1\n',
      '.zshrc': "precmd() { PS1='mine> ' }\nsetopt no_unset ksh_arrays\nalias hi='echo hi there'\n",
    },
  },
  {
    shell: 'fish',
    files: {},
  },
] as const

it.each(SHELLS)(
  '$shell tells of each command, its exit and its folder, with the start files of its user: $files',
  async ({ shell, files }) => {
    const person = await atHome(shell, files)
    const hi = shell === 'fish' ? 'echo hi there' : 'hi'
    const prompt = shell === 'fish' ? /[#>]$/ : /^mine>$/
    await person.becomes(
      ({ integration, lastLines }) => integration === 'on' && lastLines.some((line) => prompt.test(line)),
    )
    person.type('false\r')
    expect(await person.becomes(({ state }) => state === 'failed')).toMatchObject({ message: 'exit 1' })
    person.type(`${hi}\r`)
    await person.becomes(
      ({ state, lastLines }) => state === 'done' && lastLines.some((line) => line.endsWith('hi there')),
    )
    person.type(`mkdir "a b%ü" && cd "a b%ü" && sh -c 'until [ -e ../go ]; do sleep 0.1; done'\r`)
    await person.becomes(({ state }) => state === 'working')
    writeFileSync(join(person.home, 'go'), '')
    const folder = join(person.home, 'a b%ü')
    await person.becomes((status) => status.state === 'done' && status.folder === folder)
    // Its children and its person see nothing of it.
    person.type('env | grep -c -e LATCHKEY_ -e ZDOTDIR; echo "[""]"\r')
    await until(() => person.output().includes('[]'))
    expect(person.output()).toMatch(/[\n\r\x07]0\r\n/)
    expect(
      readdirSync(person.home)
        .filter((name) => name in files)
        .sort(),
    ).toEqual(Object.keys(files).sort())
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(person.home, name), 'utf8')).toBe(text)
  },
)

it('bash is asked about, says no integration until an app that may type says yes, and remembers it', async () => {
  const first = await atHome('bash', { '.bashrc': "PS1='mine> '\n" }, 'ask')
  await first.becomes(({ integration, lastLines }) => integration === 'ask' && lastLines.includes('mine>'))
  first.type('echo a"b"c\r')
  await until(() => first.output().includes('abc'))
  expect(first.output()).not.toContain('\x1b]133')
  first.phone.say({ type: 'integrate', on: true })
  await first.becomes(({ integration }) => integration === undefined)
  const second = await personAtTerminal(first.machine.accept, 'second')
  await second.becomes(({ integration }) => integration === 'on')
  const { stateFolder } = first
  await expect
    .poll(() => new ShellIntegration({ stateFolder, wanted: 'ask', onTrouble: () => {} }).choice)
    .toBe('on')
  const off = new ShellIntegration({ stateFolder, wanted: 'off', onTrouble: () => {} })
  const program = { file: '/bin/bash', args: [], cwd: '/', env: {} }
  expect(off.program(program)).toBe(program)
  expect(readdirSync(stateFolder)).not.toContain('shell-integration')
})

it('a login shell of bash reads what login shells read', async () => {
  const home = { '.bash_profile': "PS1='profile> '\n", '.bashrc': "PS1='rc> '\n" }
  const person = await atHome('bash', home)
  const { integration } = person
  const login = integration.program({ file: '/bin/bash', args: ['-l'], cwd: '/', env: { A: 'b' } })
  expect(login.env).toEqual({ A: 'b', LATCHKEY_LOGIN_SHELL: '1' })
  person.type(`LATCHKEY_LOGIN_SHELL=1 bash ${login.args.join(' ')} -i\r`)
  await until(() => person.output().includes('profile> '))
})

it('other programs are started as they are', async () => {
  const { integration } = await atHome('bash', {})
  const program = { file: '/usr/bin/python3', args: ['-i'], cwd: '/', env: {} }
  expect(integration.program(program)).toBe(program)
})
