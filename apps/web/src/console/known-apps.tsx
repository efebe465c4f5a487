import type { RunnerView } from '@latchkey/protocol/console'
import type { AppsOrder, ListedApp } from '@latchkey/protocol/runner-apps'
import { useEffect, useState } from 'preact/hooks'
import { Confirm, Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { MenuItem, MenuSheet } from '../parts/menu-sheet.tsx'
import { useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { words } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { type AppsThere, orderRunner } from './runner-orders.ts'
import '../styles/known-apps.css'

type Asking =
  | { readonly about: 'menu' | 'rename' | 'revoke'; readonly app: ListedApp }
  | { readonly about: 'revoke-all' | 'lock' }

/** The apps as the machine itself knows them, and what the operator can ask it to do. Nothing is shown unasked. */
export function KnownApps({
  runner,
  serverTime,
}: {
  readonly runner: RunnerView
  readonly serverTime: number
}) {
  const { knownApps: text } = useObservable(words)
  const machine = runner.label || runner.runnerId
  const [open, setOpen] = useState(false)
  const [there, setThere] = useState<AppsThere | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [asking, setAsking] = useState<Asking | null>(null)
  /** Asks the machine, and shows what it answers. A question that is open stays open: a refresh is no answer to it. */
  const order = async (wanted: AppsOrder) => {
    const answer = await orderRunner(runner.runnerId, wanted)
    setTrouble(answer.ok ? null : troubleWords(answer.code, machine, text))
    if (answer.ok) setThere(answer.there)
  }
  const give = (chosen: AppsOrder) => {
    setAsking(null)
    void order(chosen)
  }
  // Asked again whenever somebody came or went.
  const { channels, apps } = runner
  useEffect(() => {
    if (open) void order({ command: 'apps' })
  }, [open, channels, apps.length])
  // Once it is open it stays, also when the machine goes away meanwhile: orders then say that it is away.
  if (!open && runner.status !== 'online') return null
  if (!open)
    return (
      <button type="button" class="btn quiet" onClick={() => setOpen(true)}>
        {text.show(machine)}
      </button>
    )
  return (
    <section class="known-apps" aria-label={text.show(machine)}>
      <h3>{text.show(machine)}</h3>
      <div role="status">
        {there === null && trouble === null ? <p class="dim">{text.asking(machine)}</p> : null}
      </div>
      {trouble === null ? null : (
        <p class="err" role="alert">
          <Icon name="alert" />
          <span>{trouble}</span>
        </p>
      )}
      {there === null ? null : (
        <There there={there} machine={machine} serverTime={serverTime} onAsk={setAsking} />
      )}
      {asking === null ? null : (
        <Question
          asking={asking}
          machine={machine}
          onAsk={setAsking}
          onGive={give}
          onClose={() => setAsking(null)}
        />
      )}
    </section>
  )
}

function There(props: {
  readonly there: AppsThere
  readonly machine: string
  readonly serverTime: number
  readonly onAsk: (asking: Asking) => void
}) {
  const all = useObservable(words)
  const { knownApps: text } = all
  const { there, machine, serverTime, onAsk } = props
  const { apps, locked } = there
  return (
    <>
      {locked === null ? null : (
        <p class="dim small">
          {locked === 'owner' ? text.lockedOwner(machine) : text.lockedGuessing(machine)}{' '}
          <code class="mono">latchkey unlock</code>
        </p>
      )}
      {apps.length === 0 ? <p class="dim">{text.none(machine)}</p> : null}
      <ul class="known">
        {apps.map((app) => (
          <li key={app.app}>
            <span class="grow">
              <b class="trunc">{app.label}</b>
              <span class="dim">
                {app.standing === 'held' ? text.held : app.mayType ? text.types : text.watches} ·{' '}
                {text.lastHere(moment(app.lastSeenAt, serverTime, all))}
              </span>
            </span>
            <button
              type="button"
              class="iconbtn"
              aria-label={text.more(app.label)}
              onClick={() => onAsk({ about: 'menu', app })}
            >
              <Icon name="menu" />
            </button>
          </li>
        ))}
      </ul>
      <div class="known-answers">
        {apps.length === 0 ? null : (
          <button type="button" class="btn quiet bad" onClick={() => onAsk({ about: 'revoke-all' })}>
            {text.revokeAll}
          </button>
        )}
        {locked === null ? (
          <button type="button" class="btn quiet" onClick={() => onAsk({ about: 'lock' })}>
            {text.lock}
          </button>
        ) : null}
      </div>
    </>
  )
}

/** The one question that is open: what to do with an app, or whether it is really meant. */
function Question(props: {
  readonly asking: Asking
  readonly machine: string
  readonly onAsk: (asking: Asking) => void
  readonly onGive: (order: AppsOrder) => void
  readonly onClose: () => void
}) {
  const { knownApps: text } = useObservable(words)
  const { asking, machine, onAsk, onGive, onClose } = props
  switch (asking.about) {
    case 'menu': {
      const { app } = asking
      return (
        <MenuSheet title={app.label} onClose={onClose}>
          <MenuItem icon="pencil" label={text.rename} onPick={() => onAsk({ about: 'rename', app })} />
          <MenuItem icon="bin" label={text.revoke} danger onPick={() => onAsk({ about: 'revoke', app })} />
        </MenuSheet>
      )
    }
    case 'rename':
      return <Rename app={asking.app} onGive={onGive} onClose={onClose} />
    case 'revoke':
      return (
        <Confirm
          title={text.revokeTitle(asking.app.label)}
          text={text.revokeText(machine)}
          yes={text.revoke}
          danger
          onYes={() => onGive({ command: 'revoke', app: asking.app.app })}
          onClose={onClose}
        />
      )
    case 'revoke-all':
      return (
        <Confirm
          title={text.revokeAllTitle(machine)}
          text={text.revokeText(machine)}
          yes={text.revokeAll}
          danger
          onYes={() => onGive({ command: 'revoke-all' })}
          onClose={onClose}
        />
      )
    case 'lock':
      return (
        <Confirm
          title={text.lockTitle(machine)}
          text={text.lockText(machine)}
          yes={text.lock}
          onYes={() => onGive({ command: 'lock' })}
          onClose={onClose}
        />
      )
  }
}

const NAME_CHARACTERS_MAX = 64

function Rename(props: {
  readonly app: ListedApp
  readonly onGive: (order: AppsOrder) => void
  readonly onClose: () => void
}) {
  const { knownApps: text } = useObservable(words)
  const { app, onGive, onClose } = props
  const [label, setLabel] = useState(app.label)
  return (
    <Dialog title={text.renameTitle(app.label)} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (label.trim() !== '') onGive({ command: 'rename', app: app.app, label })
        }}
      >
        <div class="field">
          <label for="app-name">{text.name}</label>
          <input
            id="app-name"
            class="input"
            data-first
            value={label}
            maxLength={NAME_CHARACTERS_MAX}
            onInput={(event) => setLabel(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="btn primary">
          {text.renameYes}
        </button>
      </form>
    </Dialog>
  )
}

function troubleWords(code: string, machine: string, { troubles }: Words['knownApps']): string {
  const known = Object.entries(troubles).find(([name]) => name === code)
  return (known?.[1] ?? troubles.other)(machine)
}
