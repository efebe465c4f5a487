import { useProgram } from '../../attention/use-needs.ts'
import { useObservable } from '../../use-observable.ts'
import { setFor } from '../keys/program-set.ts'
import { type InputMode, modeName, modes, rememberMode } from './input-mode.ts'

/** How the person types in a terminal, and whether an agent is in front there. */
export interface InputModeThere {
  /** null: not typed in yet */
  readonly mode: InputMode | null
  readonly forAgent: boolean
  readonly remember: (mode: InputMode) => void
}

export function useInputMode(runnerId: string, terminal: number): InputModeThere {
  const { program, title } = useProgram(runnerId, terminal)
  const forAgent = setFor(program, title) === 'agent'
  const name = modeName(runnerId, terminal, forAgent)
  const mode = useObservable(modes).get(name) ?? null
  return { mode, forAgent, remember: (chosen) => rememberMode(name, chosen) }
}
