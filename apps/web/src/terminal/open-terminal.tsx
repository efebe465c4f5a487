import type { AppLink, Machine } from '@latchkey/connection/app/link'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { isTouch, withheld } from '../platform.ts'
import type { KnownRunner } from '../runners/runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { Compose } from './compose.tsx'
import { DeskHeader, PhoneHeader } from './header.tsx'
import { HeldInput } from './held-input.tsx'
import { createInput } from './input.ts'
import { KeyBar } from './key-bar.tsx'
import { LinkBanner } from './link-banner.tsx'
import { type PasteDoubt, pasteDoubt } from './paste.ts'
import { PasteField, PasteQuestion } from './paste-dialog.tsx'
import type { RawInput } from './raw-input.ts'
import { Reader } from './reader.tsx'
import type { Screen } from './screen.ts'
import { ScreenPane } from './screen-pane.tsx'
import { Sidebar } from './sidebar.tsx'
import { SizeBar, WideChoice } from './size-bar.tsx'
import { FootLine } from './foot-line.tsx'
import { nameOf, Tabs } from './tabs.tsx'
import { TerminalMenu } from './terminal-menu.tsx'
import { useDesktop } from './use-desktop.ts'
import { useVisibleHeight } from './viewport.ts'

export interface OpenTerminalProps {
  readonly runner: KnownRunner
  readonly link: AppLink
  readonly machine: Machine | null
  readonly machineName: string
  readonly terminals: readonly TerminalInfo[]
  readonly info: TerminalInfo | null
  readonly screen: Screen | null
  readonly stale: boolean
  readonly unseen: readonly number[]
  readonly failure: string | null
  readonly onFront: (terminal: number) => void
  readonly onNew: () => void
}

type Asking =
  | { readonly what: 'nothing' | 'menu' | 'reader' | 'paste-field' }
  | { readonly what: 'paste'; readonly text: string; readonly doubt: PasteDoubt }

/** The terminal page, drawn: bars above, the screen, and what one types with below. */
export function OpenTerminal(props: OpenTerminalProps) {
  const { runner, link, machine, machineName, terminals, info, screen, stale, unseen } = props
  const text = useObservable(words)
  const desktop = useDesktop()
  const [asking, setAsking] = useState<Asking>({ what: 'nothing' })
  const raw = useRef<RawInput | null>(null)
  const target = useRef(screen)
  target.current = screen
  const input = useMemo(() => createInput(() => target.current), [])
  useVisibleHeight(() => target.current?.layOut())
  const done = () => setAsking({ what: 'nothing' })
  const mayType = machine?.mayType ?? true
  const you = machine?.you ?? ''
  const name = info === null ? null : nameOf(info, text)

  const pasteText = (pasted: string) => {
    if (pasted === '' || screen === null || !mayType) return
    const doubt = pasteDoubt(pasted, screen.bracketedPaste)
    if (doubt === null) input.paste(pasted)
    else setAsking({ what: 'paste', text: pasted, doubt })
  }
  const pasteFromClipboard = async () => {
    if (withheld.readClipboard()) return setAsking({ what: 'paste-field' })
    const pasted = await navigator.clipboard.readText().catch(() => null)
    if (pasted === null) setAsking({ what: 'paste-field' })
    else pasteText(pasted)
  }
  useEffect(() => {
    if (asking.what === 'nothing' && desktop && !isTouch()) screen?.focus()
  }, [asking.what, screen])

  const header = {
    link,
    machine: machineName,
    you,
    mayType,
    info,
    name: name ?? machineName,
    onMenu: () => setAsking({ what: 'menu' }),
    onReader: () => setAsking({ what: 'reader' }),
  }
  const live = machine !== null && !stale
  const tabs = terminals.map((each) => ({ info: each, unseen: unseen.includes(each.terminal) }))
  return (
    <>
      <div class={desktop ? 'desk' : 'term-app'} hidden={asking.what === 'reader'}>
        {desktop ? (
          <Sidebar
            runnerId={runner.runnerId}
            front={info?.terminal ?? null}
            unseen={unseen}
            mayOpen={live && mayType}
            onNew={props.onNew}
          />
        ) : null}
        <div class="term-column">
          {desktop ? <DeskHeader {...header} /> : <PhoneHeader {...header} />}
          {desktop ? null : (
            <Tabs
              machine={machineName}
              tabs={tabs}
              front={info?.terminal ?? null}
              mayOpen={live && mayType}
              onFront={props.onFront}
              onNew={props.onNew}
            />
          )}
          {screen === null || info === null ? (
            <NoTerminal {...props} mayType={mayType} />
          ) : (
            <>
              <SizeBar screen={screen} info={info} you={you} mayType={mayType} />
              <div class="screen-place">
                <LinkBannerFor link={link} machine={machineName} screen={screen} />
                <ScreenPane
                  key={info.terminal}
                  screen={screen}
                  name={name ?? ''}
                  input={input}
                  mayType={mayType && info.exit === null}
                  onPaste={pasteText}
                  onRaw={(made) => {
                    raw.current = made
                  }}
                />
              </div>
              <WideChoice
                key={`wide-${info.terminal}`}
                screen={screen}
                info={info}
                you={you}
                onReader={header.onReader}
              />
              <Below
                {...props}
                screen={screen}
                info={info}
                desktop={desktop}
                input={input}
                mayType={mayType && info.exit === null}
              />
            </>
          )}
        </div>
      </div>
      {asking.what === 'reader' && screen !== null ? (
        <Reader screen={screen} name={name ?? ''} machine={machineName} onClose={done} />
      ) : null}
      {asking.what === 'menu' ? (
        <TerminalMenu
          name={name}
          machine={machineName}
          mayType={mayType}
          onReader={header.onReader}
          onPaste={() => void pasteFromClipboard()}
          onKeyboard={isTouch() ? () => raw.current?.element.focus() : null}
          onRename={(next) => info !== null && link.rename(info.terminal, next)}
          onEnd={() => info !== null && link.closeTerminal(info.terminal)}
          onClose={done}
        />
      ) : null}
      {asking.what === 'paste-field' ? (
        <PasteField
          onText={(pasted) => {
            done()
            pasteText(pasted)
          }}
          onClose={done}
        />
      ) : null}
      {asking.what === 'paste' ? (
        <PasteQuestion
          text={asking.text}
          doubt={asking.doubt}
          onYes={() => {
            done()
            input.paste(asking.text)
          }}
          onClose={done}
        />
      ) : null}
    </>
  )
}

function LinkBannerFor(props: { readonly link: AppLink; readonly machine: string; readonly screen: Screen }) {
  const facts = useObservable(props.screen.facts)
  return <LinkBanner link={props.link} machine={props.machine} waiting={facts.pendingCount} />
}

/** What one types with, or the question about what was typed. */
function Below(
  props: OpenTerminalProps & {
    readonly screen: Screen
    readonly info: TerminalInfo
    readonly desktop: boolean
    readonly input: ReturnType<typeof createInput>
    readonly mayType: boolean
  },
) {
  const { screen, desktop, input, mayType, stale, runner, info } = props
  const facts = useObservable(screen.facts)
  if (facts.held !== null)
    return <HeldInput screen={screen} held={facts.held} secret={facts.secret} machine={props.machineName} />
  if (desktop && !isTouch()) return <FootLine {...props} />
  return (
    <div class="typing">
      <Compose
        draftKey={`draft.${runner.runnerId}.${info.terminal}`}
        mayType={mayType}
        stale={stale}
        isSecret={() => screen.secret}
        onSend={(line) => input.compose(line)}
        onFocus={() => screen.emulator.scrollToBottom()}
      />
      {mayType ? <KeyBar input={input} /> : null}
    </div>
  )
}

function NoTerminal(props: OpenTerminalProps & { readonly mayType: boolean }) {
  const text = useObservable(words)
  const { link, machine, machineName, failure, stale, mayType } = props
  const waiting = machine === null || stale
  return (
    <main class="screen-place nothing">
      <LinkBanner link={link} machine={machineName} waiting={0} />
      <div class="empty">
        {waiting ? (
          <p role="status">{text.link.connectingTo(machineName)}</p>
        ) : (
          <>
            <Icon name="terminal" />
            <p>{failure === null ? text.term.none : `${text.term.cannotOpen} ${failure}`}</p>
            <p>{mayType ? text.term.noneNext(machineName) : text.term.viewOnlyText(machineName)}</p>
            {mayType ? (
              <button type="button" class="btn primary" onClick={props.onNew}>
                <Icon name="plus" />
                {text.term.newOne}
              </button>
            ) : null}
          </>
        )}
      </div>
    </main>
  )
}
