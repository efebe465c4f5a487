import type { ListedApp } from '@latchkey/protocol/runner-apps'
import { Tile } from '../parts/card.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { dayOrTime, moment } from '../words/times.ts'
import type { AppRow } from './app-rows.ts'

/** The apps of a machine, one row each. */
export function AppList(props: {
  readonly rows: readonly AppRow[]
  /** whether the machine has answered: the rights of an app are unknown until then */
  readonly told: boolean
  readonly machine: string
  readonly serverTime: number
  readonly onMore: (app: ListedApp) => void
}) {
  const text = useWords()
  const { rows, told, machine, serverTime, onMore } = props
  return (
    <ul class="app-rows" aria-label={text.knownApps.show(machine)}>
      {rows.map((row) => {
        const { known } = row
        const name = row.mark === null ? row.label : `${row.label} ${row.mark}`
        return (
          <li key={row.key}>
            <Tile icon={iconOf(row.label)} dot={row.connected ? 'ok' : 'off'} />
            <div class="who">
              <div class="t">
                <span class="trunc">{row.label}</span>
                {row.mark === null ? null : <span class="mono small dim">{row.mark}</span>}
                {row.isOwn ? <span class="badge me">{text.knownApps.thisBrowser}</span> : null}
              </div>
              <div class="d">
                {[
                  ...(row.address === null ? [] : [row.address]),
                  text.console.pairedAt(dayOrTime(row.sinceMs, serverTime, text)),
                ].join(' · ')}
              </div>
            </div>
            <div class="may">{told ? <May known={known} machine={machine} text={text} /> : null}</div>
            <div class="when dim">{whenOf(row, serverTime, text)}</div>
            {known === null ? null : (
              <IconButton icon="menu" label={text.knownApps.more(name)} onClick={() => onMore(known)} />
            )}
          </li>
        )
      })}
    </ul>
  )
}

function May(props: { readonly known: ListedApp | null; readonly machine: string; readonly text: Words }) {
  const { knownApps } = props.text
  const { known } = props
  if (known === null) return <span class="badge">{knownApps.notIn(props.machine)}</span>
  if (known.standing === 'held') return <span class="badge bad">{knownApps.held}</span>
  return (
    <>
      <span class="badge">
        <Icon name={known.mayType ? 'check' : 'eye'} />
        {known.mayType ? knownApps.types : knownApps.watches}
      </span>
      {known.sealed === false ? (
        <span class="badge warn">
          <Icon name="unsealed" />
          {knownApps.unsealed}
        </span>
      ) : null}
    </>
  )
}

function whenOf(row: AppRow, serverTime: number, text: Words): string {
  if (row.connected) return text.knownApps.hereNow
  return row.lastSeenAtMs === null
    ? text.console.appAway
    : text.knownApps.lastHere(moment(row.lastSeenAtMs, serverTime, text))
}

function iconOf(label: string): IconName {
  if (/attach|terminal/i.test(label)) return 'terminal'
  return /android|iphone|ipad|pixel|phone|galaxy|tablet/i.test(label) ? 'phone' : 'laptop'
}
