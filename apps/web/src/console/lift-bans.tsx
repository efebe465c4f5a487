import { type BanView, liftReply } from '@latchkey/protocol/limits'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { useWords } from '../words/language.ts'
import { subjectOf } from './ban-subject.ts'

const lifted = async (query: Readonly<Record<string, string>>): Promise<boolean> =>
  (await asked(liftReply, 'DELETE', `/operator/bans?${new URLSearchParams(query)}`)).ok

/** The subject of this ban may try again. */
export function LiftOne({ ban }: { readonly ban: BanView }) {
  const { fleet, console } = useWords()
  const [failed, setFailed] = useState(false)
  const lift = async () => setFailed(!(await lifted({ subject: ban.subject })))
  return (
    <>
      {failed ? <ErrorLine says={fleet.liftFailed} /> : null}
      <button
        type="button"
        class="btn quiet"
        aria-label={fleet.liftOne(`${console.ban[ban.kind]} ${subjectOf(ban)}`)}
        onClick={() => void lift()}
      >
        {fleet.lift}
      </button>
    </>
  )
}

/** Every ban, after a question. */
export function LiftAll() {
  const { fleet } = useWords()
  const [asking, setAsking] = useState(false)
  const [failed, setFailed] = useState(false)
  const lift = async () => {
    setAsking(false)
    setFailed(!(await lifted({ all: 'true' })))
  }
  return (
    <p class="lift-all">
      {failed ? <ErrorLine says={fleet.liftFailed} /> : null}
      <button type="button" class="btn quiet" onClick={() => setAsking(true)}>
        {fleet.liftAll}
      </button>
      {asking ? (
        <Confirm
          title={fleet.liftAllTitle}
          text={fleet.liftAllText}
          yes={fleet.liftAll}
          onYes={() => void lift()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </p>
  )
}
