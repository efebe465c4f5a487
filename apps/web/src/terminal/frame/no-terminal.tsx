import { LinkBanner } from '../../link/link-banner.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useWords } from '../../words/language.ts'
import { ViewOnly } from './header.tsx'
import type { OpenTerminalProps } from './open-terminal-props.ts'

/** In the place of a screen while there is none: the wait for the machine, or the button to open a terminal. */
export function NoTerminal(props: OpenTerminalProps & { readonly mayType: boolean }) {
  const text = useWords()
  const { link, machine, machineName, failure, stale, mayType } = props
  const waiting = machine === null || stale
  return (
    <main class="screen-place nothing">
      <LinkBanner link={link} machine={machineName} waiting={0} side="top" />
      <div class="empty">
        {waiting ? (
          <p role="status">{text.link.connectingTo(machineName)}</p>
        ) : (
          <>
            <Icon name="terminal" />
            <p>{failure === null ? text.term.none : `${text.term.cannotOpen} ${failure}`}</p>
            {mayType ? null : (
              <p>
                <ViewOnly />
              </p>
            )}
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
