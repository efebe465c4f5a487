import type { AppLink } from '@latchkey/connection/app/link'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { ConnectionPill } from '../../link/connection-pill.tsx'
import { SealMark } from '../../link/seal-mark.tsx'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { goHome } from '../../places.ts'
import type { Words } from '../../words/en.ts'
import { useWords } from '../../words/language.ts'

interface HeaderProps {
  readonly link: AppLink
  readonly machine: string
  readonly you: string
  readonly mayType: boolean
  /** this browser came by a share link */
  readonly isGuest: boolean
  readonly info: TerminalInfo | null
  readonly name: string
  readonly onMenu: () => void
  readonly onReader: () => void
}

/** Who else looks at this terminal. */
export function watchersWords(info: TerminalInfo | null, you: string, text: Words): string | null {
  const others = info?.watchers.filter(({ app }) => app !== you) ?? []
  const [only] = others
  if (only === undefined) return null
  // A guest is not told how the devices of the others are called.
  if (only.label === '') return text.term.watchingMany(others.length)
  return others.length === 1 ? text.term.watching(only.label) : text.term.watchingMany(others.length)
}

/** Says that this app may only watch. */
export const ViewOnly = () => {
  const { term } = useWords()
  return (
    <span class="badge">
      <Icon name="eye" />
      {term.viewOnly}
    </span>
  )
}

/** Says to every app that guests watch: they came by a link, and are not the owner's own devices. */
const Guests = ({ info, you }: { readonly info: TerminalInfo | null; readonly you: string }) => {
  const { share } = useWords()
  const count = info?.watchers.filter(({ app, guest }) => guest === true && app !== you).length ?? 0
  if (count === 0) return null
  return (
    <span class="badge warn" data-guests={count}>
      {share.guests(count)}
    </span>
  )
}

/** Says to every app, also one that watches, that the machine records this terminal. */
export const Recorded = ({ info }: { readonly info: TerminalInfo | null }) => {
  const { term } = useWords()
  if (info?.recording !== true) return null
  return (
    <span class="badge recorded">
      <Icon name="record" small />
      {term.recorded}
    </span>
  )
}

/** Two quiet rows on a phone: the machine, its protection, the state of the link. */
export function PhoneHeader({ link, machine, you, isGuest, info, name, onMenu }: HeaderProps) {
  const text = useWords()
  const watched = watchersWords(info, you, text)
  // Guests have a mark of their own.
  const known = info?.watchers.filter(({ app, guest }) => app !== you && guest !== true).length ?? 0
  return (
    <header class="thead">
      {isGuest ? null : <IconButton icon="back" label={text.term.allMachines} onClick={goHome} />}
      <div class={isGuest ? 'who guest' : 'who'}>
        <h1 class="trunc">{isGuest ? name : machine}</h1>
        <span class="under">
          <SealMark link={link} />
          <Guests info={info} you={you} />
          <Recorded info={info} />
          {watched === null || known === 0 ? null : (
            <span class="watched" title={watched}>
              <Icon name="eye" small />
              <span class="vh">{watched}</span>
              <span aria-hidden="true">{known}</span>
            </span>
          )}
        </span>
      </div>
      <ConnectionPill link={link} machine={machine} />
      <IconButton icon="menu" id="terminal-menu" label={text.term.menu} onClick={onMenu} />
    </header>
  )
}

export function DeskHeader({ link, machine, you, mayType, info, name, onMenu, onReader }: HeaderProps) {
  const text = useWords()
  const watched = watchersWords(info, you, text)
  return (
    <header class="desk-head">
      <h1 class="trunc">{name}</h1>
      <span class="faint small trunc">{machine}</span>
      <SealMark link={link} />
      {mayType ? null : <ViewOnly />}
      <Guests info={info} you={you} />
      <Recorded info={info} />
      <span class="grow" />
      {watched === null ? null : (
        <span class="badge">
          <Icon name="eye" />
          {watched}
        </span>
      )}
      <ConnectionPill link={link} machine={machine} />
      <button type="button" class="btn quiet calm" onClick={onReader}>
        <Icon name="reader" />
        {text.term.reader}
      </button>
      <IconButton icon="menu" id="terminal-menu" label={text.term.menu} onClick={onMenu} />
    </header>
  )
}
