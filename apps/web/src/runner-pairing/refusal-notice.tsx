import { Banner, ErrorLine } from '../parts/banner.tsx'
import { CountdownRing } from '../parts/countdown-ring.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { span } from '../words/times.ts'
import { type Refused, refusedWords } from './refusal.ts'

const BAN_MS = 5 * 60_000

/** The reason of a refusal and the next step. Only a wrong code is shown as an error; a ban counts down. */
export function RefusalNotice(props: {
  readonly id: string
  readonly refused: Refused
  readonly nowMs: number
  /** a code stands in the field */
  readonly hasCode: boolean
}) {
  const text = useWords()
  const { id, refused, nowMs, hasCode } = props
  const says = refusedWords(refused, text, hasCode)
  switch (refused.why) {
    case 'incomplete':
    case 'unknown':
    case 'ended':
      return <ErrorLine id={id} says={says} />
    case 'banned': {
      const leftMs = refused.untilMs - nowMs
      return (
        <div class="banner warn spaced" id={id}>
          <Icon name="clock" />
          <div class="grow">
            {/* Said once; the seconds below are for the eye. */}
            <div role="alert">
              <b>{says[0]}</b>
              <p>{leftMs > 0 ? says[1] : text.pair.banOver}</p>
            </div>
            {leftMs > 0 ? (
              <p class="ring warn" aria-hidden="true">
                <CountdownRing leftMs={leftMs} ofMs={BAN_MS} />
                {text.pair.inTime(span(leftMs, text))}
              </p>
            ) : null}
          </div>
        </div>
      )
    }
    case 'machine-offline':
    case 'no-broker':
    case 'no-network':
    case 'failed':
      return (
        <Banner
          icon={refused.why === 'failed' ? 'alert' : 'noLink'}
          look="spaced"
          id={id}
          role="alert"
          says={says}
        />
      )
  }
}
