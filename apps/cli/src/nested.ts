import type { Invocation } from './command.ts'

/**
 * Whether this shell was opened by a runner. If so, prints why a runner inside a runner is refused: an app that watches
 * the outer terminal would drive the inner one, and closing the outer one would end both.
 */
export function refusedAsNested(call: Invocation): boolean {
  const inside = call.env['LATCHKEY']
  if (inside === undefined || inside === '') return false
  call.complain(
    'This shell was opened by Latchkey, and a machine cannot be offered from inside its own terminal.',
  )
  call.complain('Run it in another shell. To do it all the same: env -u LATCHKEY latchkey …')
  return true
}
