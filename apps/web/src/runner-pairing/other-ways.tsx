import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { ErrorLine } from '../parts/banner.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { withheld } from '../platform.ts'
import { useWords } from '../words/language.ts'
import { type ElsewhereText, ownOrigins, type PairingText, readPairingText } from './pairing-text.ts'

interface ScannerProps {
  readonly onRead: (read: PairingText) => void
  readonly onClose: () => void
}

/** The other ways a code comes in: from the QR code on the machine's screen, or from the clipboard. */
export function OtherWays(props: {
  readonly onRead: (read: PairingText, how: 'scanned' | 'pasted') => void
  readonly scanning: boolean
  readonly onScanning: (open: boolean) => void
}) {
  const text = useWords()
  const { onRead, scanning, onScanning } = props
  const [Scanner, setScanner] = useState<ComponentType<ScannerProps> | null>(null)
  const [failed, setFailed] = useState<'not-loaded' | 'nothing-pasted' | null>(null)
  const scan = async () => {
    setFailed(null)
    // With its reader the largest part that few need: loaded when it is wanted.
    const loaded = await import('./scan-sheet.tsx').catch(() => null)
    if (loaded === null) return setFailed('not-loaded')
    setScanner(() => loaded.ScanSheet)
    onScanning(true)
  }
  const paste = async () => {
    setFailed(null)
    const pasted = await navigator.clipboard.readText().catch(() => '')
    const read = readPairingText(pasted, ownOrigins())
    if (read.kind !== 'other') return onRead(read, 'pasted')
    // A sentence with a code in it: it was copied on purpose.
    const [code] = readTypedCode(pasted)
    if (code === undefined) setFailed('nothing-pasted')
    else onRead({ kind: 'code', code, link: null }, 'pasted')
  }
  return (
    <>
      <div class="row-btns">
        <button type="button" class="btn soft" onClick={() => void scan()}>
          <Icon name="scan" />
          {text.scan.button}
        </button>
        {withheld.readClipboard() ? null : (
          <button type="button" class="btn soft" onClick={() => void paste()}>
            <Icon name="clipboard" />
            {text.pair.paste}
          </button>
        )}
      </div>
      {failed === null ? null : (
        <ErrorLine
          says={failed === 'nothing-pasted' ? text.pair.pasteEmpty : text.scan.troubles['not-loaded']}
        />
      )}
      {scanning && Scanner !== null ? (
        <Scanner onRead={(read) => onRead(read, 'scanned')} onClose={() => onScanning(false)} />
      ) : null}
    </>
  )
}

/** Says where a pairing URL of another broker leads, and asks before it is opened. */
export function LeadsElsewhere(props: { readonly link: ElsewhereText; readonly onClose: () => void }) {
  const { scan } = useWords()
  const { link, onClose } = props
  return (
    <Confirm
      title={scan.elsewhere}
      text={scan.elsewhereText(location.origin)}
      yes={scan.open}
      onYes={() => location.assign(link.address)}
      onClose={onClose}
    >
      <p class="mono leads-to">{link.origin}</p>
    </Confirm>
  )
}
