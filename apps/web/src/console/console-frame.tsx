import type { ConsoleEvent } from '@latchkey/protocol/console'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Banner } from '../parts/banner.tsx'
import { Icon, type IconName, Mark } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import { SettingsSheet } from '../parts/settings-sheet.tsx'
import { CONSOLE_SECTIONS, type ConsoleSection } from '../places.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'

const ICONS: Readonly<Record<ConsoleSection, IconName>> = {
  overview: 'home',
  runners: 'terminal',
  devices: 'phone',
  accounts: 'chat',
  programs: 'plug',
  activity: 'list',
}

/** Navigation, the section's title, and a warning when the figures are out of date. */
export function ConsoleFrame(props: {
  readonly picture: ConsoleEvent
  readonly fresh: boolean
  /** the servers that the broker waits for; empty when it waits for none */
  readonly silent: readonly string[]
  readonly section: ConsoleSection
  readonly onSignOut: () => void
  readonly onAddDevice: () => void
  readonly children: ComponentChildren
}) {
  const text = useWords()
  const [settings, setSettings] = useState(false)
  const { picture, fresh, section } = props
  const until = moment(picture.signedInUntil, picture.serverTime, text)
  return (
    <div class="console">
      <Navigation picture={picture} until={until} section={section} onSignOut={props.onSignOut} />
      <main class="content">
        <header>
          <h1>{text.console[section]}</h1>
          {section === 'overview' || section === 'devices' ? (
            <button type="button" class="btn primary" onClick={props.onAddDevice}>
              <Icon name="plus" />
              {text.devices.add}
            </button>
          ) : null}
          <IconButton icon="menu" label={text.menu} onClick={() => setSettings(true)} />
        </header>
        <div role="status">
          {fresh ? null : (
            <Banner
              icon="noLink"
              look="warn console-stale"
              says={[staleWords(props.silent, text), text.console.unreachableNext]}
            />
          )}
        </div>
        {props.children}
        <footer class="console-foot">
          <p class="meta">
            {text.console.of(picture.host)}. {text.console.until(until)}.
          </p>
          <button type="button" class="btn quiet" onClick={() => setSettings(true)}>
            {text.settings}
          </button>
          <button type="button" class="btn quiet" onClick={props.onSignOut}>
            {text.console.signOut}
          </button>
        </footer>
      </main>
      {settings ? <SettingsSheet onClose={() => setSettings(false)} /> : null}
    </div>
  )
}

function Navigation(props: {
  readonly picture: ConsoleEvent
  readonly until: string
  readonly section: ConsoleSection
  readonly onSignOut: () => void
}) {
  const text = useWords()
  const { picture, until, section, onSignOut } = props
  return (
    <nav class="cnav" aria-label={text.console.title}>
      <span class="brand">
        <Mark />
        {text.brand}
      </span>
      {CONSOLE_SECTIONS.map((each) => {
        const target = { page: 'console', token: null, section: each } as const
        return (
          <PlaceLink key={each} to={target} aria-current={each === section ? 'page' : undefined}>
            <Icon name={ICONS[each]} />
            <span>{text.console[each]}</span>
          </PlaceLink>
        )
      })}
      <div class="op">
        <p>
          {text.console.of(picture.host)}
          <br />
          {text.console.until(until)}
        </p>
        <button type="button" class="btn quiet" onClick={onSignOut}>
          {text.console.signOut}
        </button>
      </div>
    </nav>
  )
}

/** The servers behind the store are named where there are any; a store in a file has no name. */
function staleWords(silent: readonly string[], text: Words): string {
  if (silent.length === 0) return text.console.unreachable
  const servers = silent.filter((name) => name !== 'the store')
  return servers.length === 0 ? text.console.storeTrouble : text.console.silent(servers.join(', '))
}
