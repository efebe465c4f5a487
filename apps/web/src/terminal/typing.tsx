import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { isTouch } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
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
