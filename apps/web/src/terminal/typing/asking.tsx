import type { AppLink } from '@latchkey/connection/app/link'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useIntegration } from '../../attention/use-needs.ts'
import { askAboutCopies, mayCopy } from '../../clipboard-leave.ts'
import { later } from '../../parts/later.tsx'
import { withheld } from '../../platform.ts'
import { ShareSheet, useShares } from '../../sharing/share-sheet.tsx'
import type { FilesDesk } from '../frame/files-asked.tsx'
import type { Input } from '../keys/input.ts'
import { type PasteDoubt, pasting } from '../keys/paste.ts'
import type { Screen } from '../screen/screen.ts'

const KeyEditor = later(async () => (await import('./key-editor.tsx')).KeyEditor)
const PasteField = later(async () => (await import('./paste-dialog.tsx')).PasteField)
const PasteQuestion = later(async () => (await import('./paste-dialog.tsx')).PasteQuestion)
const TerminalMenu = later(async () => (await import('../frame/terminal-menu.tsx')).TerminalMenu)

/** The sheet over the terminal page. */
export type Asking =
  | { readonly what: 'nothing' | 'menu' | 'reader' | 'paste-field' | 'keys' | 'share' }
  /** `run` pastes; called when the person agrees */
  | { readonly what: 'paste'; readonly text: string; readonly doubt: PasteDoubt; readonly run: () => void }

/** Checks pastes and composed texts before they are typed; both ask the same question for the same doubt. */
export interface Pastes {
  /** text from a clipboard */
  paste(text: string): void
  pasteFromClipboard(): Promise<void>
  /** false when it was not taken, or is asked about first */
  compose(text: string, sent: () => void): boolean
}

export function createPastes(options: {
  readonly input: Input
  readonly screen: Screen | null
  readonly mayType: boolean
  readonly ask: (asking: Asking) => void
}): Pastes {
  const { input, screen, mayType, ask } = options
  const paste = (pasted: string) => {
    if (pasted === '' || screen === null || !mayType) return
    const { text, doubt } = pasting(pasted, screen.bracketedPaste)
    if (doubt === null) input.paste(text, false)
    else ask({ what: 'paste', text, doubt, run: () => input.paste(text, true) })
  }
  return {
    paste,
    async pasteFromClipboard() {
      const pasted = withheld.readClipboard() ? null : await navigator.clipboard.readText().catch(() => null)
      if (pasted === null) ask({ what: 'paste-field' })
      else paste(pasted)
    },
    compose(composed, sent) {
      // Several lines were written here, so they are wanted; control characters were not.
      const { text, doubt } = pasting(composed, true)
      if (doubt === null) return input.compose(text)
      const run = () => input.compose(text) && sent()
      ask({ what: 'paste', text, doubt, run })
      return false
    },
  }
}

/** The sheets over the terminal. */
export function Asked(props: {
  readonly asking: Asking
  readonly link: AppLink
  readonly runnerId: string
  readonly info: TerminalInfo | null
  readonly screen: Screen | null
  readonly name: string | null
  readonly machine: string
  readonly mayType: boolean
  readonly isGuest: boolean
  readonly terminals: readonly TerminalInfo[]
  readonly pastes: Pastes
  readonly onReader: () => void
  /** opens the editor of keys; null where there is no key bar */
  readonly onKeys: (() => void) | null
  readonly onKeyboard: (() => void) | null
  readonly files: FilesDesk | null
  readonly onNewPrivate: (() => void) | null
  readonly onShare: () => void
  readonly onDone: () => void
}) {
  const { asking, link, info, screen, pastes, onDone } = props
  const shares = useShares(link)
  const integrate = useIntegration(link, info?.terminal ?? null)
  switch (asking.what) {
    case 'nothing':
    case 'reader':
      return null
    case 'menu':
      return (
        <TerminalMenu
          name={props.name}
          machine={props.machine}
          mayType={props.mayType}
          isGuest={props.isGuest}
          onShare={shares === null || info === null || info.exit !== null ? null : props.onShare}
          onReader={props.onReader}
          onKeys={props.onKeys}
          onAskCopies={mayCopy(props.runnerId) === 'ask' ? null : () => askAboutCopies(props.runnerId)}
          onSelect={() => screen?.selection.selectLastLine()}
          onPaste={() => void pastes.pasteFromClipboard()}
          onKeyboard={props.onKeyboard}
          files={props.files}
          onNewPrivate={props.onNewPrivate}
          onRename={(next) => info !== null && link.rename(info.terminal, next)}
          recording={info?.recording ?? null}
          onRecord={(on) => info !== null && link.record(info.terminal, on)}
          onIntegrate={integrate}
          onEnd={() => info !== null && link.closeTerminal(info.terminal)}
          onClose={onDone}
        />
      )
    case 'keys':
      return <KeyEditor secret={screen?.secret === true} onClose={onDone} />
    case 'share':
      return shares === null || info === null ? null : (
        <ShareSheet
          shares={shares}
          terminals={props.terminals}
          terminal={info.terminal}
          name={props.name ?? info.name}
          machine={props.machine}
          onClose={onDone}
        />
      )
    case 'paste-field':
      return (
        <PasteField
          onText={(pasted) => {
            onDone()
            pastes.paste(pasted)
          }}
          onClose={onDone}
        />
      )
    case 'paste':
      return (
        <PasteQuestion
          text={asking.text}
          doubt={asking.doubt}
          bracketed={screen?.bracketedPaste ?? false}
          onYes={() => {
            onDone()
            asking.run()
          }}
          onClose={onDone}
        />
      )
  }
}
