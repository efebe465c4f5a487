import type { AppLink } from '@latchkey/connection/app/link'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { nameIn, useNeeds } from '../attention/use-needs.ts'
import { filePath } from '../files/file-path.ts'
import { LinkBanner } from '../link/link-banner.tsx'
import { later } from '../parts/later.tsx'
import { isTouch } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { Bars } from './frame/bars.tsx'
import { FilesAsked, filesIn, useFiles } from './frame/files-asked.tsx'
import { DeskHeader, PhoneHeader, Recorded } from './frame/header.tsx'
import { NoTerminal } from './frame/no-terminal.tsx'
import type { FrontProps, OpenTerminalProps } from './frame/open-terminal-props.ts'
import { cardsOf } from './frame/overview-cards.ts'
import { SizeBar, WideChoice } from './frame/size-bar.tsx'
import { Tabs } from './frame/tabs.tsx'
import { useDesktop } from './frame/use-desktop.ts'
import { useKeptFocus } from './frame/use-kept-focus.ts'
import { LINE_HEIGHTS, room, useVisibleHeight } from './frame/viewport.ts'
import { createInput } from './keys/input.ts'
import { WAY_OUT } from './keys/pressed-keys.ts'
import type { RawInput } from './keys/raw-input.ts'
import type { Screen } from './screen/screen.ts'
import { ScreenPane } from './screen/screen-pane.tsx'
import { Asked, type Asking, createPastes, type Pastes } from './typing/asking.tsx'
import { CopiedToast } from './typing/clipboard-question.tsx'
import type { InputMode } from './typing/input-mode.ts'
import { Typing } from './typing/typing.tsx'
import { useInputMode } from './typing/use-input-mode.ts'

const Overview = later(async () => (await import('./frame/overview.tsx')).Overview)
const Sidebar = later(async () => (await import('./frame/sidebar.tsx')).Sidebar)
const Reader = later(async () => (await import('./reader/reader.tsx')).Reader)

/** The terminal page, drawn: bars above, the screen, keys and fields below. */
export function OpenTerminal(props: OpenTerminalProps) {
  const {
    runner,
    link,
    machine,
    machineName,
    terminals,
    info,
    screen,
    stale,
    unseen,
    isGuest = false,
  } = props
  const text = useWords()
  const desktop = useDesktop()
  const height = useObservable(room)
  const [asking, setAsking] = useState<Asking>({ what: 'nothing' })
  const [overview, setOverview] = useState(false)
  const raw = useRef<RawInput | null>(null)
  const page = useRef<HTMLDivElement>(null)
  const target = useRef(screen)
  target.current = screen
  const input = useMemo(() => createInput(() => target.current), [])
  useVisibleHeight(() => target.current?.layOut())
  const focusTerminal = useCallback(() => {
    if (!isTouch()) target.current?.focus()
  }, [])
  useKeptFocus(page, focusTerminal)
  const done = () => setAsking({ what: 'nothing' })
  const mayType = machine?.mayType ?? true
  const you = machine?.you ?? ''
  const standing = useNeeds(runner.runnerId)
  const name = info === null ? null : nameIn(standing, info, text)
  const mode = useInputMode(runner.runnerId, info?.terminal ?? -1)
  const there = useRef(mode)
  there.current = mode
  const pastes = createPastes({ input, screen, mayType, ask: setAsking })

  const files = useFiles(link, { maySend: machine?.maySend ?? mayType, mayFetch: mayType })
  const fetchFile = files?.fetch?.open ?? null
  const takeFiles = (data: DataTransfer | null, event: Event) => {
    const taken = filesIn(data)
    if (files === null || taken.length === 0) return
    event.preventDefault()
    event.stopPropagation()
    files.send(taken)
  }
  const header = {
    link,
    machine: machineName,
    you,
    mayType,
    isGuest,
    info,
    name: name ?? machineName,
    onMenu: () => setAsking({ what: 'menu' }),
    onReader: () => setAsking({ what: 'reader' }),
  }
  const live = machine !== null && !stale
  const tabs = terminals.map((each) => {
    const need = standing.get(each.terminal)
    return {
      info: each,
      name: nameIn(standing, each, text),
      state: need?.state ?? null,
      folder: need?.folder ?? null,
      unseen: unseen.includes(each.terminal),
    }
  })
  return (
    <>
      <div
        class={desktop ? 'desk' : 'term-app'}
        ref={page}
        hidden={asking.what === 'reader' || files?.filing.what === 'file' || overview}
      >
        <p id="terminal-keys" class="vh">
          {text.term.wayOut(WAY_OUT)}
        </p>
        {desktop && !isGuest ? (
          <Sidebar
            runnerId={runner.runnerId}
            front={info?.terminal ?? null}
            unseen={unseen}
            mayType={mayType}
            mayOpen={live && mayType}
            onNew={props.onNew}
            onAll={() => setOverview(true)}
          />
        ) : null}
        <div
          class="term-column"
          onPasteCapture={(event) => takeFiles(event.clipboardData, event)}
          onDragOver={(event) => files !== null && event.preventDefault()}
          onDrop={(event) => takeFiles(event.dataTransfer, event)}
        >
          <Bars room={height} mark={<Recorded info={info} />}>
            {desktop ? <DeskHeader {...header} /> : <PhoneHeader {...header} />}
            {desktop || isGuest ? null : (
              <Tabs
                machine={machineName}
                tabs={tabs}
                front={info?.terminal ?? null}
                mayType={mayType}
                mayOpen={live && mayType}
                onFront={props.onFront}
                onNew={props.onNew}
                onAll={() => setOverview(true)}
              />
            )}
          </Bars>
          {screen === null || info === null ? (
            <NoTerminal {...props} mayType={mayType} />
          ) : (
            <Front
              {...props}
              screen={screen}
              info={info}
              name={name ?? ''}
              you={you}
              input={input}
              mayType={mayType && info.exit === null}
              mayTakeSize={mayType && !isGuest}
              pastes={pastes}
              onPath={fetchFile === null ? null : (path) => fetchFile(filePath(path))}
              onReader={header.onReader}
              onRaw={(made) => {
                raw.current = made
                made?.element.addEventListener('focus', () => there.current.wrote('keys'))
              }}
            />
          )}
        </div>
      </div>
      {overview ? (
        <Overview
          machine={machineName}
          cards={cardsOf(tabs, standing)}
          front={info?.terminal ?? null}
          mayType={mayType}
          mayOpen={live && mayType}
          onFront={props.onFront}
          onNew={props.onNew}
          onRename={(terminal, next) => link.rename(terminal, next)}
          onEnd={(terminal) => link.closeTerminal(terminal)}
          onClose={() => {
            setOverview(false)
            giveFocusBack(focusTerminal, 'all-tabs')
          }}
        />
      ) : null}
      {asking.what === 'reader' && screen !== null && files?.filing.what !== 'file' ? (
        <Reader
          screen={screen}
          name={name ?? ''}
          machine={machineName}
          onPath={fetchFile}
          onClose={() => {
            done()
            giveFocusBack(focusTerminal, 'terminal-menu')
          }}
        />
      ) : null}
      <Asked
        asking={asking}
        link={link}
        runnerId={runner.runnerId}
        info={info}
        screen={screen}
        name={name}
        machine={machineName}
        mayType={mayType}
        isGuest={isGuest}
        terminals={terminals}
        pastes={pastes}
        onReader={header.onReader}
        onKeys={isTouch() && mayType ? () => setAsking({ what: 'keys' }) : null}
        files={files}
        onNewPrivate={live && mayType && !isGuest ? () => props.onOpen({ private: true }) : null}
        onKeyboard={isTouch() ? () => fieldOf(there.current.mode, raw.current)?.focus() : null}
        onShare={() => setAsking({ what: 'share' })}
        onDone={done}
      />
      {files === null ? null : (
        <FilesAsked
          desk={files}
          link={link}
          runnerId={runner.runnerId}
          machine={machineName}
          screen={screen}
          name={name}
          mayType={mayType && info?.exit === null}
        />
      )}
    </>
  )
}

/** The field that opens the keyboard: the one in which this terminal was typed in last. */
const fieldOf = (mode: InputMode | null, raw: RawInput | null): HTMLElement | null =>
  (mode === 'line' ? document.getElementById('compose') : null) ?? raw?.element ?? null

/** The terminal in front: its screen, what floats over it, and the keys and fields below. */
function Front(
  props: FrontProps & {
    readonly you: string
    readonly mayTakeSize: boolean
    readonly pastes: Pastes
    readonly onPath: ((path: string) => void) | null
    readonly onReader: () => void
    readonly onRaw: (raw: RawInput | null) => void
  },
) {
  const { runner, link, machineName, screen, info, name, you, input, mayType, pastes, onReader } = props
  const height = useObservable(room)
  useEffect(() => {
    screen.emulator.options.lineHeight = LINE_HEIGHTS[height]
    screen.layOut()
  }, [screen, height])
  return (
    <>
      <SizeBar screen={screen} info={info} you={you} mayType={props.mayTakeSize} />
      <div class="screen-place">
        <LinkBannerFor link={link} machine={machineName} screen={screen} />
        <ScreenPane
          key={info.terminal}
          screen={screen}
          name={name}
          input={input}
          mayType={mayType}
          onPaste={pastes.paste}
          onRaw={props.onRaw}
          selected={{
            onPaste: mayType ? () => void pastes.pasteFromClipboard() : null,
            onPath: props.onPath,
          }}
        />
        <CopiedToast screen={screen} name={name} runner={runner} machineName={machineName} />
      </div>
      <WideChoice key={`wide-${info.terminal}`} screen={screen} info={info} you={you} onReader={onReader} />
      <Typing {...props} onCompose={pastes.compose} onPaste={() => void pastes.pasteFromClipboard()} />
    </>
  )
}

/** After the reader or the overview: to the terminal, or on touch, where that opens the keyboard, to what opened it. */
function giveFocusBack(focusTerminal: () => void, openerId: string): void {
  requestAnimationFrame(() => {
    if (isTouch()) document.getElementById(openerId)?.focus({ preventScroll: true })
    else focusTerminal()
  })
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
