import type { ConsoleEvent } from '@latchkey/protocol/console'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { dayOrTime, span } from '../words/times.ts'

/** Above this the loop keeps people waiting; below it nobody notices. */
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
export function HealthStrip({ picture }: { readonly picture: ConsoleEvent }) {
  const text = useObservable(words)
  const { health, serverTime } = picture
  const servers = health.servers ?? []
  const silent = servers.filter(({ ok }) => !ok).map(({ name }) => name)
  const [dot, sentence] = !health.store.ok
    ? (['bad', text.console.storeTrouble] as const)
    : silent.length > 0
      ? (['bad', text.console.silent(silent.join(', '))] as const)
      : health.eventLoopLagMs > LAG_MS_MAX
        ? (['warn', text.console.slow] as const)
        : (['ok', text.console.healthy] as const)
  const figure = (value: number) => text.console.ms(value < 10 ? value.toFixed(1) : String(Math.round(value)))
  return (
    <section class="card" aria-labelledby="health">
      <header class="health-head">
        <span class={`dot ${dot}`} />
        <h2 id="health">{sentence}</h2>
        <span class="faint">{text.console.since(dayOrTime(health.startedAt, serverTime, text))}</span>
      </header>
      <dl class="stats">
        <div>
          <dt>{text.console.broker}</dt>
          <dd>{text.console.up(span(serverTime - health.startedAt, text))}</dd>
        </div>
        <div>
          <dt>{text.console.store(STORES[health.store.kind] ?? health.store.kind)}</dt>
          <dd>{figure(health.store.lastCallMs)}</dd>
        </div>
        {servers.map(({ name, ok, tookMs }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={ok ? '' : 'warn'}>
              {ok ? (tookMs === null ? '–' : figure(tookMs)) : text.console.noAnswer}
            </dd>
          </div>
        ))}
        <div>
          <dt>{text.console.lag}</dt>
          <dd>{figure(health.eventLoopLagMs)}</dd>
        </div>
        <div>
          <dt>{text.console.version}</dt>
          <dd>{health.version}</dd>
        </div>
      </dl>
    </section>
  )
}
