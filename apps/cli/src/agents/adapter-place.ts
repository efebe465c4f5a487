import { ADAPTER_SOCKET_VARIABLE, TERMINAL_MARK_VARIABLE } from '@latchkey/runner/questions/adapter-wire'
import type { Invocation } from '../command.ts'

/** Where an adapter in this terminal reaches its runner. */
export interface AdapterPlace {
  readonly path: string
  readonly mark: string
}

/** Null outside a terminal of a runner that hears adapters. */
export function adapterPlace({ env }: Pick<Invocation, 'env'>): AdapterPlace | null {
  const [path, mark] = [env[ADAPTER_SOCKET_VARIABLE], env[TERMINAL_MARK_VARIABLE]]
  return path === undefined || path === '' || mark === undefined || mark === '' ? null : { path, mark }
}
