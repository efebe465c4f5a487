import type { AppLink, Refusal } from '@latchkey/connection/app/link'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import type { LinkState } from '@latchkey/connection/app/link-state'

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
export async function reached(link: AppLink, code: string | null): Promise<FirstTry> {
  const control = await settled(link, (state) => brokerVerdict(state))
  if (control !== 'go-on') return control
  if (code !== null) {
    const answer = await link.pair(code)
    if (!answer.success) return { status: 'refused', refusal: answer }
  }
  const machine = await settled(link, (state) => machineVerdict(state, code !== null))
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
      clearTimeout(timer)
      stop()
      resolve(verdict)
    }
    const look = (state: LinkState) => {
      const verdict = judge(state)
      if (verdict !== null) done(verdict)
    }
    const timer = setTimeout(() => done({ status: 'no-answer' }), ANSWER_WITHIN_MS)
    const stop = link.state.subscribe(look)
    look(link.state.current)
  })
}
