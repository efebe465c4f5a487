import type { Invocation } from './command.ts'

/**
 * Whether this shell was opened by a runner. If so, prints why a runner inside a runner is refused: an app that watches
 * the outer terminal would drive the inner one, and closing the outer one would end both.
 */
export function refusedAsNested(call: Invocation): boolean {
  const inside = call.env['LATCHKEY']
  if (inside === undefined || inside === '') return false
  call.complain('This shell was itself opened by Latchkey, and a machine is not opened inside itself.')
  call.complain('Run it in a shell of your own. If you know better: env -u LATCHKEY latchkey …')
  return true
}
