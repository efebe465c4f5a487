import { useProgram } from '../../attention/use-needs.ts'
import { useObservable } from '../../use-observable.ts'
import { setFor } from '../keys/program-set.ts'
import { type InputMode, modeName, modes, rememberMode } from './input-mode.ts'

/** How the person types in a terminal, and whether an agent is in front there. */
export interface InputModeThere {
  /** null: not chosen yet */
  readonly mode: InputMode | null
  readonly forAgent: boolean
  /** the person chose it */
  readonly remember: (mode: InputMode) => void
  /** The person writes in this way now. At a shell that is no choice: one starts an editor by a line, and wants keys then. */
  readonly wrote: (mode: InputMode) => void
}

export function useInputMode(runnerId: string, terminal: number): InputModeThere {
  const { program, title } = useProgram(runnerId, terminal)
  const forAgent = setFor(program, title) === 'agent'
  const name = modeName(runnerId, terminal, forAgent)
  const mode = useObservable(modes).get(name) ?? null
  const remember = (chosen: InputMode) => rememberMode(name, chosen)
  return {
    mode,
    forAgent,
    remember,
    wrote: (chosen) => {
      if (forAgent) remember(chosen)
    },
  }
}
