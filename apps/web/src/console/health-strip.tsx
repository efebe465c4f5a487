import type { ConsoleEvent, HealthView } from '@latchkey/protocol/console'
import { useRef } from 'preact/hooks'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { clockTimeExact, dayOrTime, span } from '../words/times.ts'
import { Stat } from './stat.tsx'

/** Above this people notice that the event loop is late. */
const LAG_MS_MAX = 100

/** Stores by the names they are known by. */
const STORES: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  memory: 'RAM',
  redis: 'Redis',
  postgres: 'PostgreSQL',
  'redis+postgres': 'Redis, PostgreSQL',
}

/** The broker's health in one sentence, and the figures behind it. */
export function HealthStrip(props: {
  readonly picture: ConsoleEvent
  /** false: it is from the last time the broker could say */
  readonly fresh: boolean
}) {
  const text = useWords()
  const { picture, fresh } = props
  const { health, serverTime } = picture
  const servers = health.servers ?? []
  const [dot, sentence] = standing(health, fresh, serverTime, text)
  const since = useSince(sentence, serverTime)
  const figure = (value: number) => text.console.ms(value < 10 ? value.toFixed(1) : String(Math.round(value)))
  return (
    <section class="card" aria-labelledby="health">
      <header class="health-head">
        <span class={`dot ${dot}`} />
        <h2 id="health">{sentence}</h2>
        {since === null ? null : (
          <span class="faint">{text.console.since(dayOrTime(since, serverTime, text))}</span>
        )}
      </header>
      <dl class="stats">
        <Stat name={text.console.broker}>{text.console.up(span(serverTime - health.startedAt, text))}</Stat>
        <Stat name={text.console.store(STORES[health.store.kind] ?? health.store.kind)}>
          {figure(health.store.lastCallMs)}
        </Stat>
        {servers.map(({ name, ok, tookMs }) => (
          <Stat key={name} name={name} warn={!ok}>
            {ok ? (tookMs === null ? '–' : figure(tookMs)) : text.console.noAnswer}
          </Stat>
        ))}
        <Stat name={text.console.lag}>{figure(health.eventLoopLagMs)}</Stat>
        <Stat name={text.console.version}>{health.version}</Stat>
      </dl>
    </section>
  )
}

/** When this page saw the sentence become true, in the broker's time; null where it was so when the page was opened. */
function useSince(sentence: string, serverTime: number): number | null {
  const seen = useRef<{ readonly sentence: string; readonly since: number | null } | null>(null)
  if (seen.current?.sentence !== sentence)
    seen.current = { sentence, since: seen.current === null ? null : serverTime }
  return seen.current.since
}

/** The worst fact in one sentence. Old figures are given with their time. */
function standing(
  health: HealthView,
  fresh: boolean,
  serverTime: number,
  text: Words,
): readonly ['ok' | 'warn' | 'bad' | 'off', string] {
  const { console: says } = text
  if (!fresh) return ['off', says.asOf(clockTimeExact(serverTime, text))]
  if (!health.store.ok) return ['bad', says.storeTrouble]
  const silent = (health.servers ?? []).filter(({ ok }) => !ok).map(({ name }) => name)
  if (silent.length > 0) return ['bad', says.silent(silent.join(', '))]
  if (health.eventLoopLagMs > LAG_MS_MAX) return ['warn', says.slow]
  return ['ok', says.healthy]
}
