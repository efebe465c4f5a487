import { useState } from 'preact/hooks'
import { Confirm } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { MenuItem, MenuSheet } from '../../parts/menu-sheet.tsx'
import { SettingsSheet } from '../../parts/settings-sheet.tsx'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { chooseFontPx, fontPx } from '../screen/font-size.ts'
import type { FilesDesk } from './files-asked.tsx'
import { EndTerminal, RenameTerminal } from './terminal-sheets.tsx'

interface TerminalMenuProps {
  /** null when no terminal is open */
  readonly name: string | null
  readonly machine: string
  readonly mayType: boolean
  /** by a share link: it manages nothing */
  readonly isGuest: boolean
  /** null where this app may make no links */
  readonly onShare: (() => void) | null
  readonly onReader: () => void
  /** selects text in the screen, as a long press does */
  readonly onSelect: () => void
  /** takes back the answer about copying; null without one */
  readonly onAskCopies: (() => void) | null
  /** null where there is no key bar */
  readonly onKeys: (() => void) | null
  readonly onPaste: () => void
  /** null where there is no soft keyboard */
  readonly onKeyboard: (() => void) | null
  /** null where the machine exchanges no files with this app */
  readonly files: FilesDesk | null
  readonly onRename: (name: string) => void
  /** null while the machine is not reached */
  readonly onNewPrivate: (() => void) | null
  /** null where the machine makes no recordings */
  readonly recording: boolean | null
  readonly onRecord: (on: boolean) => void
  /** null where shells tell of their commands already, or cannot */
  readonly onIntegrate: (() => void) | null
  readonly onEnd: () => void
  readonly onClose: () => void
}

/** What can be done with the terminal in front. */
export function TerminalMenu(props: TerminalMenuProps) {
  const text = useWords()
  const [step, setStep] = useState<'menu' | 'rename' | 'end' | 'settings' | 'integrate'>('menu')
  const { name, mayType, isGuest, onClose } = props
  const then = (run: () => void) => () => {
    onClose()
    run()
  }
  if (step === 'settings') return <SettingsSheet onClose={onClose} />
  if (step === 'rename' && name !== null)
    return <RenameTerminal name={name} onName={props.onRename} onClose={onClose} />
  if (step === 'integrate' && props.onIntegrate !== null)
    return (
      <Confirm
        title={text.attention.integrate.title}
        text={text.attention.integrate.text(props.machine)}
        yes={text.attention.integrate.yes}
        onYes={then(props.onIntegrate)}
        onClose={onClose}
      />
    )
  if (step === 'end' && name !== null)
    return <EndTerminal name={name} onEnd={props.onEnd} onClose={onClose} />
  return (
    <MenuSheet title={name ?? props.machine} onClose={onClose} foot={<FontSize />}>
      {name === null ? null : (
        <MenuItem icon="reader" label={text.term.readerOpen} onPick={then(props.onReader)} />
      )}
      {name === null ? null : (
        <MenuItem icon="copy" label={text.selection.begin} onPick={then(props.onSelect)} />
      )}
      {name === null || !mayType ? null : (
        <>
          <MenuItem icon="clipboard" label={text.term.paste} onPick={then(props.onPaste)} />
          {props.onKeyboard === null ? null : (
            <MenuItem icon="keyboard" label={text.term.keyboard} onPick={then(props.onKeyboard)} />
          )}
          {isGuest ? null : (
            <MenuItem icon="pencil" label={text.term.rename} onPick={() => setStep('rename')} />
          )}
          {props.onShare === null ? null : (
            <MenuItem icon="link" label={text.share.item} onPick={then(props.onShare)} />
          )}
          {props.onIntegrate === null ? null : (
            <MenuItem
              icon="check"
              label={text.attention.integrate.item}
              onPick={() => setStep('integrate')}
            />
          )}
          {props.recording === null ? null : (
            <MenuItem
              icon="record"
              label={props.recording ? text.term.recordStop : text.term.record}
              onPick={then(() => props.onRecord(!props.recording))}
            />
          )}
        </>
      )}
      {props.files === null ? null : <FileItems files={props.files} then={then} />}
      {props.onNewPrivate === null ? null : (
        <MenuItem icon="plus" label={text.past.newPrivate} onPick={then(props.onNewPrivate)} />
      )}
      {props.onAskCopies === null ? null : (
        <MenuItem icon="clipboard" label={text.term.copyAskAgain} onPick={then(props.onAskCopies)} />
      )}
      {props.onKeys === null ? null : (
        <MenuItem icon="keys" label={text.keyBar.title} onPick={props.onKeys} />
      )}
      <MenuItem icon="list" label={text.settings} onPick={() => setStep('settings')} />
      {name === null || !mayType || isGuest ? null : (
        <MenuItem icon="bin" label={text.term.closeOne} danger onPick={() => setStep('end')} />
      )}
    </MenuSheet>
  )
}

function FileItems(props: { readonly files: FilesDesk; readonly then: (run: () => void) => () => void }) {
  const { files, then } = props
  const text = useWords()
  return (
    <>
      <MenuItem
        icon="picture"
        label={text.files.send}
        onPick={then(() => (files.hasSent ? files.showSending() : files.send()))}
      />
      {files.fetch === null ? null : (
        <MenuItem icon="file" label={text.files.getFile} onPick={then(files.fetch.byPath)} />
      )}
    </>
  )
}

function FontSize() {
  const { term } = useWords()
  const px = useObservable(fontPx)
  return (
    <div class="font-size" role="group" aria-label={term.textSize(px)}>
      <button
        type="button"
        class="btn soft"
        aria-label={term.textSmaller}
        onClick={() => chooseFontPx(px - 1)}
      >
        <Icon name="smaller" />
      </button>
      <span class="num" aria-live="polite">
        {term.textSize(px)}
      </span>
      <button
        type="button"
        class="btn soft"
        aria-label={term.textLarger}
        onClick={() => chooseFontPx(px + 1)}
      >
        <Icon name="larger" />
      </button>
    </div>
  )
}
