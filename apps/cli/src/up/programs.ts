import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The two programs that `up` keeps running: separate processes, so that the broker cannot read the runner's memory. */
export const programs = (): { readonly broker: string; readonly runner: string } => ({
  broker: programOf('broker'),
  runner: programOf('runner'),
})

/** An installed release has all programs in one folder; in the repository each is in its package. */
function programOf(name: 'broker' | 'runner'): string {
  const beside = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(import.meta.resolve(`@latchkey/${name}/main`))
}
