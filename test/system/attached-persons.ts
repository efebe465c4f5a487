import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { atCleanUp } from '../../apps/broker/src/testing/harness.ts'
import { PersonTerminal } from './person-terminal.ts'
import { cleanEnv, LATCHKEY, temporaryFolder, UpProcess } from './up-process.ts'

/** A running machine, and persons who attach to it from elsewhere: their data is in the folder that `variable` names. */
export async function attachedPersons(
  variable: 'XDG_STATE_HOME' | 'LATCHKEY_DATA_DIR',
  options: ConstructorParameters<typeof UpProcess>[0] = {},
) {
  const up = new UpProcess(options)
  atCleanUp(() => up.stop())
  const ready = await up.ready()
  const { path: folder, remove } = temporaryFolder()
  atCleanUp(remove)
  const elsewhere = { [variable]: folder }
  const attach = (...words: readonly string[]) => personWith(words, elsewhere)
  return { up, ready, folder, elsewhere, attach }
}

/** A terminal with `latchkey attach` in it. */
export function personWith(words: readonly string[], env: Readonly<Record<string, string>>): PersonTerminal {
  const person = PersonTerminal.latchkey(['attach', ...words], env)
  atCleanUp(() => person.kill())
  return person
}

/** Pipes `input` into `latchkey attach`; answers with its exit code and what it wrote to stdout. */
export async function pipedInto(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string,
): Promise<Pick<ChildProcess, 'exitCode'> & { readonly output: string }> {
  const child = spawn(process.execPath, [LATCHKEY, 'attach', ...words], { env: cleanEnv(env), stdio: 'pipe' })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  child.stdin.end(input)
  await once(child, 'close')
  return { exitCode: child.exitCode, output }
}
