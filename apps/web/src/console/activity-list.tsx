import type { ActivityView, RunnerView } from '@latchkey/protocol/console'
import type { Words } from '../words/en.ts'
import { clockTime, moment } from '../words/times.ts'

/** The attempts to pair, newest first, one line each. */
export function ActivityList(props: {
  readonly entries: readonly ActivityView[]
  /** where the names of the apps are */
  readonly runners: readonly RunnerView[]
  readonly serverTime: number
  /** with the day where that was not today */
  readonly long: boolean
  readonly text: Words
}) {
  const { entries, runners, serverTime, long, text } = props
  const apps = new Map(runners.flatMap((runner) => runner.apps).map((app) => [app.appSessionId, app.label]))
  return (
    <ol class={long ? 'log long' : 'log'}>
      {entries.map((entry, at) => (
        <li key={`${entry.at} ${entry.appSessionId} ${entry.outcome} ${entries.length - at}`}>
          <time dateTime={new Date(entry.at).toISOString()}>
            {long ? moment(entry.at, serverTime, text) : clockTime(entry.at, text)}
          </time>
          <div>
            <Line entry={entry} app={apps.get(entry.appSessionId) ?? text.console.anApp} text={text} />
          </div>
        </li>
      ))}
    </ol>
  )
}

function Line(props: { readonly entry: ActivityView; readonly app: string; readonly text: Words }) {
  const { entry, app, text } = props
  const runner = entry.runnerLabel || entry.runnerId || ''
  if (entry.outcome === 'paired' || entry.outcome === 'unpaired')
    return (
      <>
        <b>{app}</b> {entry.outcome === 'paired' ? text.console.pairedWith : text.console.unpairedFrom}{' '}
        <b>{runner}</b>
      </>
    )
  const address = addressOf(entry.subject ?? '')
  return (
    <>
      {outcomeWords(entry, text)} <span class="mono">{entry.maskedCode}</span>{' '}
      {address === null ? '' : text.console.from(address)}
    </>
  )
}

function outcomeWords(entry: ActivityView, text: Words): string {
  const { outcome } = text.console
  if (entry.outcome === 'banned' || entry.outcome === 'lifted') return outcome[entry.outcome]
  const code = entry.errorCode ?? entry.outcome
  const known = Object.entries(outcome).find(([key]) => key === code)
  return known?.[1] ?? outcome.other
}

/** The address or network that an attempt was charged to; null where it was charged to a session or a runner. */
export function addressOf(subject: string): string | null {
  const [, address] = /^(?:(?:secret|newcomers):)?(?:address|prefix|secret):(.+)$/.exec(subject) ?? []
  return address ?? null
}
