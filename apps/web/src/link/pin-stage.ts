import type { AppLink } from '@latchkey/connection/app/link'
import type { LinkState, PinWanted } from '@latchkey/connection/app/link-state'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import { useEffect, useState } from 'preact/hooks'

/**
 * The step between a code and a shell. After a wrong PIN the machine shows a fresh one, and the page stays.
 */
export type PinStage =
  | { readonly at: 'elsewhere' }
  /** `wrong`: the PIN before this one did not match */
  | { readonly at: 'asking'; readonly wanted: PinWanted; readonly wrong: boolean }
  /** a PIN is on its way, or (`wrong`) did not match and the next is not shown yet */
  | { readonly at: 'checking'; readonly wanted: PinWanted; readonly wrong: boolean }
  | { readonly at: 'refused'; readonly refusal: SealRefusal }

/** The stage after the link's state became `state`. */
export function stageAfter(stage: PinStage, state: LinkState): PinStage {
  switch (state.status) {
    case 'pin-wanted': {
      const isSame = stage.at === 'checking' && stage.wanted.attempt === state.attempt
      if (isSame) return { ...stage, wanted: state }
      return { at: 'asking', wanted: state, wrong: 'wrong' in stage && stage.wrong }
    }
    case 'refused':
      return state.refusal === 'pin-mismatch' && 'wanted' in stage
        ? { at: 'checking', wanted: stage.wanted, wrong: true }
        : { at: 'refused', refusal: state.refusal }
    case 'connecting':
      return 'wanted' in stage ? { ...stage, at: 'checking' } : stage
    case 'live':
    case 'catching-up':
    case 'unpaired':
    case 'reconnecting':
    case 'machine-offline':
    case 'ended':
      return { at: 'elsewhere' }
  }
}

/** A PIN was sent: the error of the one before is cleared. */
export const stageGiven = (stage: PinStage): PinStage =>
  stage.at === 'asking' ? { at: 'checking', wanted: stage.wanted, wrong: false } : stage

/** The PIN stage of this link. After a wrong PIN the machine is asked for a fresh one at once. */
export function usePinStage(link: AppLink): { readonly stage: PinStage; readonly given: () => void } {
  const [stage, setStage] = useState<PinStage>(() => stageAfter({ at: 'elsewhere' }, link.state.current))
  useEffect(() => {
    const follow = () => {
      const state = link.state.current
      setStage((before) => stageAfter(before, state))
      if (state.status === 'refused' && state.refusal === 'pin-mismatch') link.reconnectNow()
    }
    follow()
    return link.state.subscribe(follow)
  }, [link])
  return { stage, given: () => setStage(stageGiven) }
}
