import type { LimitsView } from '@latchkey/protocol/limits'
import { Banner } from '../parts/banner.tsx'
import { Card } from '../parts/card.tsx'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { clockTime, moment } from '../words/times.ts'
import { subjectOf } from './ban-subject.ts'
import { LiftAll, LiftOne } from './lift-bans.tsx'
import { Stat } from './stat.tsx'

/** The bans, the rate of wrong codes, and whether the alarm or the breaker has gone off. */
export function Limits(props: {
  readonly limits: LimitsView
  readonly serverTime: number
  /** null shows all bans that the broker told */
  readonly shownMax: number | null
}) {
  const text = useWords()
  const { limits, serverTime, shownMax } = props
  const { failuresLastMinute, alarmAt, breakerAt, alarmRangAt, breakerUntil, bansInAll } = limits
  const bans = shownMax === null ? limits.bans : limits.bans.slice(0, shownMax)
  const unseen = bansInAll - bans.length
  return (
    <Card
      id="limits"
      title={text.console.limits}
      fact={text.console.heldBack(bansInAll)}
      all={shownMax === null || unseen === 0 ? null : { page: 'console', token: null, section: 'activity' }}
    >
      <dl class="stats three">
        <Stat name={text.console.wrongLastMinute} warn={failuresLastMinute >= alarmAt}>
          {failuresLastMinute}
        </Stat>
        <Stat name={text.console.alarm(alarmAt)}>
          {alarmRangAt === null
            ? text.console.alarmSilent
            : text.console.alarmRang(moment(alarmRangAt, serverTime, text))}
        </Stat>
        <Stat name={text.console.breaker(breakerAt)} warn={breakerUntil !== null}>
          {breakerUntil === null
            ? text.console.breakerClosed
            : text.console.breakerOpen(clockTime(breakerUntil, text))}
        </Stat>
      </dl>
      {bans.length === 0 ? null : (
        <ul class="bans">
          {bans.map((ban) => (
            <li key={`${ban.kind}${ban.subject}`}>
              <Icon name="clock" small />
              <span class="grow">
                {text.console.ban[ban.kind]} <span class="mono">{subjectOf(ban)}</span>{' '}
                {text.console.heldUntil(clockTime(ban.until, text))}
              </span>
              {shownMax === null ? <LiftOne ban={ban} /> : null}
            </li>
          ))}
          {unseen > 0 ? <li class="more">{text.console.moreBans(unseen)}</li> : null}
        </ul>
      )}
      {shownMax === null && bansInAll > 1 ? <LiftAll /> : null}
    </Card>
  )
}

/** While the breaker is open: its effect on every app, above all cards. */
export function BreakerNotice(props: { readonly limits: LimitsView; readonly text: Words }) {
  const { limits, text } = props
  if (limits.breakerUntil === null) return null
  return (
    <Banner
      icon="alert"
      look="warn console-stale"
      role="alert"
      says={[
        text.console.breakerIsOpen(clockTime(limits.breakerUntil, text)),
        text.console.breakerIsOpenText,
      ]}
    />
  )
}
