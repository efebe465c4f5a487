import type { Invocation } from './command.ts'

/**
 * Whether this is a shell that a runner opened; then says why a machine inside itself is refused: whoever watches the
 * outer terminal would drive the inner one, and closing the outer would end both.
 */
export function refusedAsNested(call: Invocation): boolean {
  const inside = call.env['LATCHKEY']
  if (inside === undefined || inside === '') return false
  call.complain('This shell was itself opened by Latchkey, and a machine is not opened inside itself.')
  call.complain('Run it in a shell of your own. If you know better: env -u LATCHKEY latchkey …')
  return true
}
