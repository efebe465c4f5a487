import { useMemo, useState } from 'preact/hooks'
import { CallBar } from '../../attention/call-bar.tsx'
import { GuardedBar } from '../../attention/guarded-bar.tsx'
import { useProgram } from '../../attention/use-needs.ts'
import { mayCopy } from '../../clipboard-leave.ts'
import { ConnectionPill } from '../../link/connection-pill.tsx'
import { later } from '../../parts/later.tsx'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { ViewOnly } from '../frame/header.tsx'
import type { FrontProps } from '../frame/open-terminal-props.ts'
import { useTouch } from '../frame/use-desktop.ts'
import { room } from '../frame/viewport.ts'
import { setFor, takesLineFeed } from '../keys/program-set.ts'
import { promptScreenOf } from '../screen/prompt-screen-of.ts'
import { ClipboardQuestion } from './clipboard-question.tsx'
import { Compose } from './compose.tsx'
import { ComposeSuggestion } from './compose-suggestion.tsx'
import { FootLine } from './foot-line.tsx'
import type { InputMode } from './input-mode.ts'
import { KeyBar, type KeyBarProps, SlimKeyBar } from './key-bar.tsx'
import { type InputModeThere, useInputMode } from './use-input-mode.ts'

const HeldInput = later(async () => (await import('./held-input.tsx')).HeldInput)
const PastBar = later(async () => (await import('./past-bar.tsx')).PastBar)

type TypingProps = FrontProps & {
  /** sends the composed text, or asks first; false when it stays a draft */
  readonly onCompose: (text: string, sent: () => void) => boolean
  readonly onReader: () => void
  readonly onPaste: () => void
}

/** Below the screen: the question of the terminal's program, and the keys and fields. */
export function Typing(props: TypingProps) {
  const { runner, info, screen, mayType, stale, machineName } = props
  const where = { runnerId: runner.runnerId, terminal: info.terminal }
  const prompt = useMemo(() => promptScreenOf(screen), [screen])
  return (
    <>
      <CallBar {...where} />
      {mayType && !stale ? (
        <GuardedBar key={info.terminal} {...where} machine={machineName} screen={prompt} />
      ) : null}
      <Keys {...props} />
    </>
  )
}

/** The keys and fields, or a question in their place. */
function Keys(props: TypingProps) {
  const { screen, input, mayType, runner, info } = props
  const facts = useObservable(screen.facts)
  const touch = useTouch()
  const { program, title } = useProgram(runner.runnerId, info.terminal)
  const set = setFor(program, title)
  const there = useInputMode(runner.runnerId, info.terminal)
  screen.takesLineFeed = takesLineFeed(program, title)
  const height = useObservable(room)
  if (facts.held !== null)
    return (
      <HeldInput
        screen={screen}
        held={facts.held}
        secret={facts.secret || facts.pendingSecret}
        machine={props.machineName}
      />
    )
  if (info.past !== undefined)
    return <PastBar {...props} past={info.past} mayOpen={props.machine?.mayType === true && !props.stale} />
  if (facts.exit !== null || info.exit !== null)
    return <Ended {...props} exit={facts.exit ?? info.exit ?? { code: 0, signal: null }} />
  // Beside the keys, never in their place: a program may copy while a person writes.
  const question =
    facts.copied !== null && mayCopy(runner.runnerId) === 'ask' ? (
      <ClipboardQuestion {...props} text={facts.copied.text} />
    ) : null
  if (!touch)
    return (
      <>
        {question}
        {height === 'least' ? null : <FootLine {...props} />}
      </>
    )
  if (!mayType) return <OnlyWatching machine={props.machineName} />
  const keys = { input, set, secret: facts.secret, onPaste: props.onPaste }
  const draftKey = `draft.${runner.runnerId}.${info.terminal}`
  if (height !== 'full')
    return (
      <>
        {question}
        <SlimTyping
          {...props}
          key={info.terminal}
          keys={keys}
          secret={facts.secret}
          draftKey={draftKey}
          there={there}
        />
      </>
    )
  return (
    <>
      {question}
      <div class="typing">
        <ComposeSuggestion {...there} />
        <ComposeFor
          {...props}
          secret={facts.secret}
          draftKey={draftKey}
          there={there}
          opens={false}
          onLeave={null}
        />
        <KeyBar {...keys} />
      </div>
    </>
  )
}

type ComposeForProps = TypingProps & {
  readonly secret: boolean
  readonly draftKey: string
  readonly there: InputModeThere
}

const ComposeFor = (
  props: ComposeForProps & { readonly opens: boolean; readonly onLeave: (() => void) | null },
) => (
  <Compose
    draftKey={props.draftKey}
    stale={props.stale}
    secret={props.secret}
    input={props.input}
    onSend={props.onCompose}
    onFocus={() => {
      props.there.wrote('line')
      props.screen.emulator.scrollToBottom()
    }}
    forAgent={props.there.forAgent}
    opens={props.opens}
    onLeave={props.onLeave}
  />
)

/**
 * On a phone on its side: one row, of keys or of the field, as it was chosen for this terminal. In front of an agent it begins
 * with the field, and the cross leads to the keys.
 */
function SlimTyping(props: ComposeForProps & { readonly keys: KeyBarProps }) {
  const { link, machineName, name, there } = props
  const [asked, setAsked] = useState(false)
  const choose = (chosen: InputMode) => {
    setAsked(chosen === 'line')
    there.remember(chosen)
  }
  return (
    <div class="typing">
      {(there.mode ?? (there.forAgent ? 'line' : 'keys')) === 'line' ? (
        <ComposeFor {...props} opens={asked} onLeave={() => choose('keys')} />
      ) : (
        <SlimKeyBar
          {...props.keys}
          state={<ConnectionPill link={link} machine={machineName} shownAs={name} />}
          onCompose={() => choose('line')}
        />
      )}
    </div>
  )
}

function Ended(
  props: FrontProps & { readonly exit: { readonly code: number; readonly signal: number | null } },
) {
  const text = useWords()
  const { link, info, machine, exit } = props
  return (
    <div class="instead">
      <p role="status">
        {exit.signal === null || exit.signal === 0
          ? text.term.exited(exit.code)
          : text.term.exitedSignal(exit.signal)}
      </p>
      {machine?.mayType === true ? (
        <button type="button" class="btn" onClick={() => link.closeTerminal(info.terminal)}>
          {text.term.closeOne}
        </button>
      ) : null}
    </div>
  )
}

function OnlyWatching({ machine }: { readonly machine: string }) {
  const text = useWords()
  return (
    <div class="instead">
      <ViewOnly />
      <p>{text.term.viewOnlyText(machine)}</p>
    </div>
  )
}
