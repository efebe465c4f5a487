import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { Icon } from '../parts/icon.tsx'
import { isTouch } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { Compose } from './compose.tsx'
import { FootLine } from './foot-line.tsx'
import { HeldInput } from './held-input.tsx'
import type { Input } from './input.ts'
import { KeyBar } from './key-bar.tsx'
import type { OpenTerminalProps } from './open-terminal-props.ts'
import type { Screen } from './screen.ts'

/** What one types with, or the question about what was typed. */
export function Typing(
  props: OpenTerminalProps & {
    readonly screen: Screen
    readonly info: TerminalInfo
    readonly desktop: boolean
    readonly input: Input
    readonly mayType: boolean
  },
) {
  const { screen, desktop, input, mayType, stale, runner, info } = props
  const facts = useObservable(screen.facts)
  if (facts.held !== null)
    return <HeldInput screen={screen} held={facts.held} secret={facts.secret} machine={props.machineName} />
  if (facts.exit !== null || info.exit !== null)
    return <Ended {...props} exit={facts.exit ?? info.exit ?? { code: 0, signal: null }} />
  if (desktop && !isTouch()) return <FootLine {...props} />
  if (!mayType) return <OnlyWatching machine={props.machineName} />
  return (
    <div class="typing">
      <Compose
        draftKey={`draft.${runner.runnerId}.${info.terminal}`}
        stale={stale}
        isSecret={() => screen.secret}
        onSend={(line) => input.compose(line)}
        onFocus={() => screen.emulator.scrollToBottom()}
      />
      <KeyBar input={input} />
    </div>
  )
}

function Ended(
  props: OpenTerminalProps & {
    readonly info: TerminalInfo
    readonly exit: { readonly code: number; readonly signal: number | null }
  },
) {
  const text = useObservable(words)
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
  const text = useObservable(words)
  return (
    <div class="instead">
      <span class="badge">
        <Icon name="eye" />
        {text.term.viewOnly}
      </span>
      <p>{text.term.viewOnlyText(machine)}</p>
    </div>
  )
}
