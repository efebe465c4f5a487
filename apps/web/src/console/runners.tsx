import type { InstanceView, RunnerView } from '@latchkey/protocol/console'
import { useMachineCommands } from '../machine-commands.ts'
import { Card, Row } from '../parts/card.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { KnownApps } from './known-apps.tsx'

const DOTS = { online: 'ok', suspended: 'warn', gone: 'off', unseen: 'off' } as const

/** @param hosts of the broker instances by id; empty where there is only one */
function factsOf(
  runner: RunnerView,
  hosts: ReadonlyMap<string, string>,
  serverTime: number,
  text: Words,
): string {
  const seen = runner.lastSeenAt === null ? null : moment(runner.lastSeenAt, serverTime, text)
  switch (runner.status) {
    case 'online': {
      const parts = [text.console.apps(runner.apps.length), text.console.channels(runner.channels)]
      const host = hosts.get(runner.node ?? '')
      if (host !== undefined) parts.push(text.console.at(host))
      if (runner.roundTripMs !== null) parts.push(text.console.ms(String(Math.round(runner.roundTripMs))))
      return parts.join(' · ')
    }
    case 'suspended':
      return seen === null ? text.console.unseen : text.console.suspended(seen)
    case 'gone':
      return seen === null ? text.console.unseen : text.console.lastSeen(seen)
    case 'unseen':
      return text.console.unseen
  }
}

/** The machines, and on their own page the apps of each. */
export function Runners(props: {
  readonly runners: readonly RunnerView[]
  /** the live broker instances */
  readonly nodes: readonly InstanceView[]
  readonly serverTime: number
  /** null shows all, apps included */
  readonly shownMax: number | null
}) {
  const text = useWords()
  const commands = useMachineCommands()
  const { runners, nodes, serverTime, shownMax } = props
  const hosts = new Map(nodes.length < 2 ? [] : nodes.map(({ nodeId, host }) => [nodeId, host]))
  const online = runners.filter((runner) => runner.status === 'online').length
  const shown = shownMax === null ? runners : runners.slice(0, shownMax)
  return (
    <Card
      id="runners"
      title={text.console.runners}
      fact={text.console.onlineOf(online, runners.length)}
      all={shownMax === null ? null : { page: 'console', token: null, section: 'runners' }}
    >
      {runners.length === 0 ? (
        <div class="empty">
          <p>{text.console.noRunners}</p>
          <p>
            {text.console.noRunnersNext} <code class="mono command">{commands.start}</code>
          </p>
        </div>
      ) : (
        <ul class="rows">
          {shown.map((runner) => (
            <Row
              key={runner.runnerId}
              icon="server"
              dot={DOTS[runner.status]}
              name={<span class="trunc">{runner.label || runner.runnerId}</span>}
              facts={factsOf(runner, hosts, serverTime, text)}
            >
              {shownMax === null ? <KnownApps runner={runner} serverTime={serverTime} /> : null}
            </Row>
          ))}
        </ul>
      )}
    </Card>
  )
}
