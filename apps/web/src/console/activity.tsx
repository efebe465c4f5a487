import type { ActivityView, RunnerView } from '@latchkey/protocol/console'
import { useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { words } from '../words/language.ts'
import { clockTime, moment } from '../words/times.ts'
import { CardHeader } from './card-header.tsx'

function outcomeWords(entry: ActivityView, text: Words): string {
  const { outcome } = text.console
  const code = entry.errorCode ?? entry.outcome
  const known = Object.entries(outcome).find(([key]) => key === code)
  return known?.[1] ?? outcome.other
}

/** Every attempt to pair, good or bad, the newest first. */
export function Activity(props: {
  readonly activity: readonly ActivityView[]
  /** where the names of the apps are */
  readonly runners: readonly RunnerView[]
  readonly serverTime: number
  readonly shownMax: number | null
}) {
  const text = useObservable(words)
  const { activity, runners, serverTime, shownMax } = props
  const apps = runners.flatMap((runner) => runner.apps)
  const nameOf = (appSessionId: string) =>
    apps.find((app) => app.appSessionId === appSessionId)?.label ?? text.console.anApp
  const all = { page: 'console', token: null, section: 'activity' } as const
  const shown = shownMax === null ? activity : activity.slice(0, shownMax)
  const time = (at: number) => (shownMax === null ? moment(at, serverTime, text) : clockTime(at, text))
  return (
    <section class="card" aria-labelledby="activity">
      <CardHeader
        id="activity"
        title={text.console.activity}
        fact={text.console.asItHappens}
        all={shownMax === null ? null : all}
        text={text}
      />
      {activity.length === 0 ? (
        <p class="empty">{text.console.noActivity}</p>
      ) : (
        <ol class={`log${shownMax === null ? ' long' : ''}`}>
          {shown.map((entry) => (
            <li key={`${entry.at}${entry.appSessionId}${entry.outcome}${entry.errorCode ?? ''}`}>
              <time dateTime={new Date(entry.at).toISOString()}>{time(entry.at)}</time>
              <div>
                {entry.errorCode === null ? (
                  <>
                    <b>{nameOf(entry.appSessionId)}</b> {text.console.pairedWith}{' '}
                    <b>{entry.runnerLabel ?? entry.runnerId ?? ''}</b>
                  </>
                ) : (
                  <>
                    {outcomeWords(entry, text)} <span class="mono">{entry.maskedCode}</span>
                  </>
                )}
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
