import type { RunnerView } from '@latchkey/protocol/console'
import type { Words } from '../words/en.ts'
import { Choice } from './choice.tsx'
import type { HistoryFilter, Outcome } from './history.ts'

const HOUR_MS = 60 * 60_000
const OUTCOMES: readonly Outcome[] = ['paired', 'unpaired', 'refused', 'banned', 'rate-limited', 'lifted']

/** Which attempts to show: by outcome, machine and time, and whether to look further back. */
export function ActivityFilter(props: {
  readonly filter: HistoryFilter
  readonly runners: readonly RunnerView[]
  readonly onFilter: (filter: HistoryFilter) => void
  readonly text: Words
}) {
  const { filter, runners, onFilter, text } = props
  const { filters } = text.console
  const spans = [
    [String(HOUR_MS), filters.lastHour],
    [String(24 * HOUR_MS), filters.lastDay],
    [String(7 * 24 * HOUR_MS), filters.lastWeek],
  ] as const
  return (
    <div class="filters" role="group" aria-label={filters.title}>
      <Choice
        name={filters.outcome}
        value={filter.outcome ?? ''}
        options={[
          ['', filters.anyOutcome],
          ...OUTCOMES.map((outcome) => [outcome, filters.outcomes[outcome]] as const),
        ]}
        onValue={(value) => onFilter({ ...filter, outcome: OUTCOMES.find((each) => each === value) ?? null })}
      />
      <Choice
        name={filters.runner}
        value={filter.runnerId ?? ''}
        options={[
          ['', filters.anyRunner],
          ...runners.map(({ runnerId, label }) => [runnerId, label || runnerId] as const),
        ]}
        onValue={(value) => onFilter({ ...filter, runnerId: value === '' ? null : value })}
      />
      <Choice
        name={filters.time}
        value={String(filter.lastMs ?? '')}
        options={[['', filters.anyTime], ...spans]}
        onValue={(value) => onFilter({ ...filter, lastMs: value === '' ? null : Number(value) })}
      />
      <Choice
        name={filters.depth}
        value={filter.audit ? 'audit' : ''}
        options={[
          ['', filters.newest],
          ['audit', filters.audit],
        ]}
        onValue={(value) => onFilter({ ...filter, audit: value === 'audit' })}
      />
    </div>
  )
}
