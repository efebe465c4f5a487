import type { AppLink, Refusal } from '@latchkey/connection/app/link'
import type { LinkState } from '@latchkey/connection/app/link-state'
import type { PairingUrlSecret, SealRefusal } from '@latchkey/connection/app/sealer'

/** What became of the first try to reach a machine: here a person waits for the answer, so it is not tried for ever. */
export type FirstTry =
  | { readonly status: 'ready' }
  | { readonly status: 'unreachable'; readonly message: string }
  | { readonly status: 'refused'; readonly refusal: Refusal }
  | { readonly status: 'machine-offline' }
  | { readonly status: 'unpaired' }
  | { readonly status: 'version' }
  | { readonly status: 'not-sealed'; readonly refusal: SealRefusal }
  | { readonly status: 'no-answer' }

const ANSWER_WITHIN_MS = 20_000

/** Pairs when there is a code, then waits until the machine has answered. */
export async function reached(
  link: AppLink,
  way: { readonly code: string; readonly secret: PairingUrlSecret | null } | null,
): Promise<FirstTry> {
  const control = await settled(link, (state) => brokerVerdict(state))
  if (control !== 'go-on') return control
  if (way !== null) {
    const answer = await link.pair(way.code, way.secret)
    if (!answer.success) return { status: 'refused', refusal: answer }
  }
  const machine = await settled(link, (state) => machineVerdict(state, way !== null))
  return machine === 'go-on' ? { status: 'ready' } : machine
}

type Verdict = Exclude<FirstTry, { readonly status: 'ready' }> | 'go-on' | null

/** Before pairing: is the broker there? */
function brokerVerdict(state: LinkState): Verdict {
  if (state.status !== 'connecting') return 'go-on'
  if (state.failure === null) return null
  return { status: 'unreachable', message: state.failure.message }
}

/** After pairing: is the machine there? */
function machineVerdict(state: LinkState, justPaired: boolean): Verdict {
  switch (state.status) {
    case 'live':
      return 'go-on'
    case 'machine-offline':
      return { status: 'machine-offline' }
    case 'unpaired':
      return justPaired ? null : { status: 'unpaired' }
    case 'ended':
      return state.reason === 'version' ? { status: 'version' } : { status: 'unpaired' }
    case 'connecting':
      return state.failure === null ? null : { status: 'unreachable', message: state.failure.message }
    case 'refused':
      return { status: 'not-sealed', refusal: state.refusal }
    case 'pin-wanted':
    case 'catching-up':
    case 'reconnecting':
      return null
  }
}

function settled(link: AppLink, judge: (state: LinkState) => Verdict): Promise<NonNullable<Verdict>> {
  return new Promise((resolve) => {
    const done = (verdict: NonNullable<Verdict>) => {
      clearInterval(timer)
      stop()
      resolve(verdict)
    }
    const look = () => {
      // Read the state again: another listener may have retried already.
      const verdict = judge(link.state.current)
      if (verdict !== null) done(verdict)
    }
    // While a PIN is asked for, the machine's own timeout applies.
    const timer = setInterval(() => {
      if (link.state.current.status !== 'pin-wanted') done({ status: 'no-answer' })
    }, ANSWER_WITHIN_MS)
    const stop = link.state.subscribe(look)
    look()
  })
}
