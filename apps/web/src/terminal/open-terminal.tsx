import type { AppLink } from '@latchkey/connection/app/link'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { isTouch, withheld } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { DeskHeader, PhoneHeader } from './header.tsx'
import { createInput } from './input.ts'
import { LinkBanner } from './link-banner.tsx'
import { NoTerminal } from './no-terminal.tsx'
import type { OpenTerminalProps } from './open-terminal-props.ts'
import { type PasteDoubt, pasteDoubt } from './paste.ts'
import { PasteField, PasteQuestion } from './paste-dialog.tsx'
import type { RawInput } from './raw-input.ts'
import { Reader } from './reader.tsx'
import type { Screen } from './screen.ts'
import { ScreenPane } from './screen-pane.tsx'
import { Sidebar } from './sidebar.tsx'
import { SizeBar, WideChoice } from './size-bar.tsx'
import { nameOf, Tabs } from './tabs.tsx'
import { TerminalMenu } from './terminal-menu.tsx'
import { Typing } from './typing.tsx'
import { useDesktop } from './use-desktop.ts'
import { useVisibleHeight } from './viewport.ts'

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
              <Typing
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
  return (
    <LinkBanner
      link={props.link}
      machine={props.machine}
      waiting={facts.pendingCount}
      side={props.screen.isCursorHigh ? 'bottom' : 'top'}
    />
  )
}
