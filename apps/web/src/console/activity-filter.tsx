import type { RunnerView } from '@latchkey/protocol/console'
import type { ComponentChildren } from 'preact'
import type { Words } from '../words/en.ts'
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
  const spans: readonly (readonly [number, string])[] = [
    [HOUR_MS, filters.lastHour],
    [24 * HOUR_MS, filters.lastDay],
    [7 * 24 * HOUR_MS, filters.lastWeek],
  ]
  return (
    <div class="filters" role="group" aria-label={filters.title}>
      <Choice
        name={filters.outcome}
        value={filter.outcome ?? ''}
        onValue={(value) => onFilter({ ...filter, outcome: OUTCOMES.find((each) => each === value) ?? null })}
      >
        <option value="">{filters.anyOutcome}</option>
        {OUTCOMES.map((outcome) => (
          <option key={outcome} value={outcome}>
            {filters.outcomes[outcome]}
          </option>
        ))}
      </Choice>
      <Choice
        name={filters.runner}
        value={filter.runnerId ?? ''}
        onValue={(value) => onFilter({ ...filter, runnerId: value === '' ? null : value })}
      >
        <option value="">{filters.anyRunner}</option>
        {runners.map(({ runnerId, label }) => (
          <option key={runnerId} value={runnerId}>
            {label || runnerId}
          </option>
        ))}
      </Choice>
      <Choice
        name={filters.time}
        value={String(filter.lastMs ?? '')}
        onValue={(value) => onFilter({ ...filter, lastMs: value === '' ? null : Number(value) })}
      >
        <option value="">{filters.anyTime}</option>
        {spans.map(([ms, name]) => (
          <option key={ms} value={String(ms)}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice
        name={filters.depth}
        value={filter.audit ? 'audit' : ''}
        onValue={(value) => onFilter({ ...filter, audit: value === 'audit' })}
      >
        <option value="">{filters.newest}</option>
        <option value="audit">{filters.audit}</option>
      </Choice>
    </div>
  )
}

function Choice(props: {
  readonly name: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly children: ComponentChildren
}) {
  const { name, value, onValue, children } = props
  return (
    <label>
      <span>{name}</span>
      <select class="input" value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {children}
      </select>
    </label>
  )
}
