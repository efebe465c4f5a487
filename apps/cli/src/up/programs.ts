import { fileURLToPath } from 'node:url'

const programOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier))

/** The two programs that `up` keeps running: separate processes, so that the broker cannot read the runner's memory. */
export const programs = (): { readonly broker: string; readonly runner: string } => ({
  broker: programOf('@latchkey/broker/main'),
  runner: programOf('@latchkey/runner/main'),
})
