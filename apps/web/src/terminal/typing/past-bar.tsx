import type { AppLink } from '@latchkey/connection/app/link'
import type { Past, TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useState } from 'preact/hooks'
import '../../styles/past.css'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { copyText } from '../../platform.ts'
import { useWords } from '../../words/language.ts'
import { moment } from '../../words/times.ts'
import type { OpenTerminal } from '../front.ts'

interface PastBarProps {
  readonly link: AppLink
  readonly info: TerminalInfo
  readonly past: Past
  readonly terminals: readonly TerminalInfo[]
  /** this app may open and forget terminals, and the link is live */
  readonly mayOpen: boolean
  readonly onOpen: OpenTerminal
  readonly onReader: () => void
}

/** Below the last screen of a terminal of before: how to go on. Nothing runs before a tap. */
export function PastBar(props: PastBarProps) {
  const { past: words, term } = useWords()
  const text = useWords()
  const { link, info, past, terminals, mayOpen, onOpen, onReader } = props
  const { terminal, name } = info
  const others = terminals.filter((each) => each.past !== undefined)
  const open = (typed: string | null) => onOpen({ like: terminal, name }, typed)
  const { resume, folder } = past
  return (
    <section class="past-bar" aria-labelledby="past-title">
      <h2 id="past-title">{words.ended(moment(past.seenAtMs, Date.now(), text))}</h2>
      <p class="small dim">{words.lead}</p>
      {resume === null ? null : <ResumeCommand command={resume} />}
      {!mayOpen ? null : (
        <>
          {resume === null ? null : (
            <button type="button" class="btn primary block" onClick={() => open(resume)}>
              {words.resume}
            </button>
          )}
          <button
            type="button"
            class={`btn block${resume === null ? ' primary' : ''}`}
            onClick={() => open(null)}
          >
            {words.fresh}
          </button>
        </>
      )}
      <div class="row-btns">
        <button type="button" class="btn soft" onClick={onReader}>
          {term.reader}
        </button>
        {!mayOpen ? null : (
          <button type="button" class="btn soft" onClick={() => link.closeTerminal(terminal)}>
            {words.forget}
          </button>
        )}
        {!mayOpen || others.length < 2 ? null : (
          <button
            type="button"
            class="btn soft"
            onClick={() => {
              for (const each of others) link.closeTerminal(each.terminal)
            }}
          >
            {words.forgetAll(others.length)}
          </button>
        )}
      </div>
      {!mayOpen ? null : (
        <p class="note small dim">
          <Icon name="terminal" small />
          <span>{resume === null ? words.note(folder) : words.noteResume(folder)}</span>
        </p>
      )}
    </section>
  )
}

function ResumeCommand({ command }: { readonly command: string }) {
  const { past: words } = useWords()
  const [copied, setCopied] = useState(false)
  return (
    <div class="past-command">
      <code>{command}</code>
      <span class="vh" role="status">
        {copied ? words.copied : ''}
      </span>
      <IconButton
        icon={copied ? 'check' : 'copy'}
        label={words.copyCommand}
        onClick={() => void copyText(command).then(setCopied)}
      />
    </div>
  )
}
