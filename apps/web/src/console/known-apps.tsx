import type { RunnerView } from '@latchkey/protocol/console'
import type { AppsOrder, ListedApp } from '@latchkey/protocol/runner-apps'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ErrorLine } from '../parts/banner.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { MenuItem, MenuSheet } from '../parts/menu-sheet.tsx'
import { RenameSheet } from '../parts/rename-sheet.tsx'
import { ownAppId } from '../seal/own-app.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { AppList } from './app-list.tsx'
import { appRows } from './app-rows.ts'
import { type AppsThere, orderRunner } from './runner-orders.ts'
import '../styles/known-apps.css'

type Asking =
  | { readonly about: 'menu' | 'rename' | 'revoke'; readonly app: ListedApp }
  | { readonly about: 'revoke-all' | 'lock' }

/** How long a list that lacks a connected app waits before the machine is asked again, and at most after each time in vain. */
const ASK_AGAIN_MS = 1_000
const ASK_AGAIN_MS_MAX = 30_000

/** The apps of a machine in one list, as the machine and the broker know them, and what the operator can ask it to do. */
export function KnownApps({
  runner,
  serverTime,
}: {
  readonly runner: RunnerView
  readonly serverTime: number
}) {
  const { knownApps: text } = useWords()
  const machine = runner.label || runner.runnerId
  const [there, setThere] = useState<AppsThere | null>(null)
  const [own, setOwn] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [asking, setAsking] = useState<Asking | null>(null)
  const latest = useRef(0)
  /** Asks the machine and shows its answer. An open dialog stays open. */
  const order = async (wanted: AppsOrder) => {
    const number = ++latest.current
    const answer = await orderRunner(runner.runnerId, wanted)
    // Answers may overtake each other: an older list would undo a newer one.
    if (answer.ok && number < latest.current) return
    if (answer.ok) setThere(answer.there)
    if (answer.ok) setTrouble(null)
    else if (wanted.command === 'apps') setTrouble(text.silent(machine))
    else setTrouble(troubleWords(answer.code, machine, text))
  }
  const give = (chosen: AppsOrder) => {
    setAsking(null)
    void order(chosen)
  }
  // Asked again whenever an app came or went. The last answer of a machine stays while it is offline.
  const { channels, apps, status } = runner
  const isOnline = status === 'online'
  useEffect(() => {
    if (isOnline) void order({ command: 'apps' })
    void ownAppId(runner.runnerId).then(setOwn, () => {})
  }, [isOnline, channels, apps.length])
  const rows = appRows(apps, there?.apps ?? null, own)
  // An app that just came is known to the broker before the machine has let it in, and no event tells when it has.
  const isBehind =
    isOnline && there !== null && rows.some(({ known, connected }) => known === null && connected)
  const asksInVain = useRef(0)
  useEffect(() => {
    asksInVain.current = 0
  }, [channels, apps.length])
  useEffect(() => {
    if (!isBehind) return
    const waitMs = Math.min(ASK_AGAIN_MS * 2 ** asksInVain.current++, ASK_AGAIN_MS_MAX)
    const timer = setTimeout(() => void order({ command: 'apps' }), waitMs)
    return () => clearTimeout(timer)
  }, [isBehind, there])
  if (rows.length === 0 && !isOnline) return null
  return (
    <section class="known-apps" aria-label={text.show(machine)}>
      <div role="status">
        {isOnline && there === null && trouble === null ? (
          <p class="dim small">{text.asking(machine)}</p>
        ) : null}
      </div>
      {trouble === null ? null : <ErrorLine says={trouble} />}
      {there !== null && rows.length === 0 ? <p class="dim">{text.none(machine)}</p> : null}
      <AppList
        rows={rows}
        told={there !== null}
        machine={machine}
        serverTime={serverTime}
        onMore={(app) => setAsking({ about: 'menu', app })}
      />
      {there === null ? null : <Answers there={there} machine={machine} onAsk={setAsking} />}
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

/** The orders that concern all apps, and whether the machine lets new ones in. */
function Answers(props: {
  readonly there: AppsThere
  readonly machine: string
  readonly onAsk: (asking: Asking) => void
}) {
  const { knownApps: text } = useWords()
  const { there, machine, onAsk } = props
  const { apps, locked } = there
  return (
    <>
      {locked === null ? null : (
        <p class="dim small">
          {locked === 'owner' ? text.lockedOwner(machine) : text.lockedGuessing(machine)}{' '}
          <code class="mono">latchkey unlock</code>
        </p>
      )}
      {apps.length === 0 && locked !== null ? null : (
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
      )}
    </>
  )
}

/** The open dialog: the menu of an app, or a confirmation. */
function Question(props: {
  readonly asking: Asking
  readonly machine: string
  readonly onAsk: (asking: Asking) => void
  readonly onGive: (order: AppsOrder) => void
  readonly onClose: () => void
}) {
  const { knownApps: text } = useWords()
  const { asking, machine, onAsk, onGive, onClose } = props
  const sure = (title: string, what: string, yes: string, order: AppsOrder) => (
    <Confirm
      title={title}
      text={what}
      yes={yes}
      danger={order.command !== 'lock'}
      onYes={() => onGive(order)}
      onClose={onClose}
    />
  )
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
      return (
        <RenameSheet
          title={text.renameTitle(asking.app.label)}
          field={text.name}
          name={asking.app.label}
          charsMax={NAME_CHARACTERS_MAX}
          save={text.renameYes}
          onName={(label) => {
            onGive({ command: 'rename', app: asking.app.app, label })
            return Promise.resolve(null)
          }}
          onClose={onClose}
        />
      )
    case 'revoke':
      return sure(text.revokeTitle(asking.app.label), text.revokeText(machine), text.revoke, {
        command: 'revoke',
        app: asking.app.app,
      })
    case 'revoke-all':
      return sure(text.revokeAllTitle(machine), text.revokeText(machine), text.revokeAll, {
        command: 'revoke-all',
      })
    case 'lock':
      return sure(text.lockTitle(machine), text.lockText(machine), text.lock, { command: 'lock' })
  }
}

const NAME_CHARACTERS_MAX = 64

function troubleWords(code: string, machine: string, { troubles }: Words['knownApps']): string {
  const known = Object.entries(troubles).find(([name]) => name === code)
  return (known?.[1] ?? troubles.other)(machine)
}
