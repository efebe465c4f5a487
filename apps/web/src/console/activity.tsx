import type { ActivityView, RunnerView } from '@latchkey/protocol/console'
import { useState } from 'preact/hooks'
import { Card } from '../parts/card.tsx'
import { useWords } from '../words/language.ts'
import { ActivityFilter } from './activity-filter.tsx'
import { ActivityList } from './activity-list.tsx'
import { EVERYTHING, type HistoryFilter, useHistory } from './history.ts'

interface ActivityProps {
  /** the newest, as they happen */
  readonly activity: readonly ActivityView[]
  readonly runners: readonly RunnerView[]
  readonly serverTime: number
}

/** On the overview: what happened last. */
export function RecentActivity({
  activity,
  shownMax,
  ...rest
}: ActivityProps & { readonly shownMax: number }) {
  const text = useWords()
  return (
    <Card
      id="activity"
      title={text.console.activity}
      fact={text.console.asItHappens}
      all={{ page: 'console', token: null, section: 'activity' }}
    >
      {activity.length === 0 ? (
        <p class="empty">{text.console.noActivity}</p>
      ) : (
        <ActivityList {...rest} entries={activity.slice(0, shownMax)} long={false} text={text} />
      )}
    </Card>
  )
}

/** Every attempt to pair, good or bad, as it happens and as far back as it is kept. */
export function Activity({ activity, runners, serverTime }: ActivityProps) {
  const text = useWords()
  const [filter, setFilter] = useState<HistoryFilter>(EVERYTHING)
  const [newest] = activity
  const stamp = newest === undefined ? '' : `${newest.at} ${newest.appSessionId} ${newest.outcome}`
  const history = useHistory(filter, stamp, serverTime)
  // The picture's own entries stand there until the broker has answered.
  const entries = history.entries ?? (filter === EVERYTHING ? activity : null)
  return (
    <Card id="activity" title={text.console.attempts} fact={text.console.asItHappens}>
      <ActivityFilter filter={filter} runners={runners} onFilter={setFilter} text={text} />
      <div aria-busy={entries === null}>
        {history.failed ? (
          <p class="empty" role="alert">
            {text.console.historyFailed}
          </p>
        ) : entries === null ? null : entries.length === 0 ? (
          <p class="empty" role="status">
            {filter === EVERYTHING ? text.console.noActivity : text.console.nothingFits}
          </p>
        ) : (
          <ActivityList entries={entries} runners={runners} serverTime={serverTime} long text={text} />
        )}
      </div>
      {history.earlier === null ? null : (
        <p class="earlier">
          <button type="button" class="btn soft" onClick={history.earlier}>
            {text.console.earlier}
          </button>
        </p>
      )}
    </Card>
  )
}
