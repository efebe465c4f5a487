import type { AppLink } from '@latchkey/connection/app/link'
import { useEffect, useState } from 'preact/hooks'
import { type PinStage, stageAfter, stageGiven } from './pin-stage.ts'

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
