import { useEffect, useRef, useState } from 'preact/hooks'
import type { Says } from '../words/says.ts'
import '../styles/scan-sheet.css'
import { Banner, ErrorLine } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { type CameraTrouble, hasLiveCamera, watchCamera } from './camera.ts'
import { ownOrigins, type PairingText, readPairingText } from './pairing-text.ts'
import { readPhoto } from './qr-reader.ts'

type Trouble = CameraTrouble | 'plain'
/** The last finding about a code or a photo. */
type Note = 'looking' | 'other' | 'no-code' | 'not-picture' | 'not-loaded'

interface ScanSheetProps {
  /** once, with what can be gone on with; the sheet is to be taken away then */
  readonly onRead: (read: PairingText) => void
  readonly onClose: () => void
}

/** Reads the QR code on a machine's screen: from the live camera where the browser has one, else from a photo. */
export function ScanSheet({ onRead, onClose }: ScanSheetProps) {
  const text = useWords()
  const [note, setNote] = useState<Note | null>(null)
  const heard = (said: string) => {
    const read = readPairingText(said, ownOrigins())
    if (read.kind === 'other') setNote('other')
    else onRead(read)
  }
  const { video, shown, trouble, again } = useCamera(heard)
  const photo = async (file: Blob) => {
    setNote('looking')
    try {
      const texts = await readPhoto(file)
      const [said] = texts ?? []
      if (said === undefined) setNote(texts === null ? 'not-picture' : 'no-code')
      else heard(said)
    } catch {
      setNote('not-loaded')
    }
  }
  return (
    <Dialog title={text.scan.title} onClose={onClose}>
      {trouble === null ? (
        <>
          <p class="dim">{text.scan.lead}</p>
          <div class="viewfinder">
            <video ref={video} muted playsInline aria-label={text.scan.picture} />
            {shown ? <i aria-hidden="true" /> : <p class="dim small">{text.scan.starting}</p>}
          </div>
        </>
      ) : (
        <Banner icon="alert" role="alert" says={troubleSays(trouble, text)} />
      )}
      <div role="status" class="scan-note">
        {note === null ? null : <NoteLine note={note} text={text} />}
      </div>
      <div class="row-btns">
        {trouble === null || trouble === 'plain' ? null : (
          <button type="button" class="btn" onClick={again}>
            {text.tryAgain}
          </button>
        )}
        <PhotoButton live={hasLiveCamera()} onPhoto={(file) => void photo(file)} />
      </div>
    </Dialog>
  )
}

/** The camera runs while the sheet is open and the page is seen, and is off otherwise. */
function useCamera(onText: (said: string) => void) {
  const video = useRef<HTMLVideoElement>(null)
  const heard = useRef(onText)
  heard.current = onText
  const [shown, setShown] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | null>(hasLiveCamera() ? null : 'plain')
  const [hidden, setHidden] = useState(document.hidden)
  useEffect(() => {
    const look = () => setHidden(document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  const wanted = trouble === null && !hidden
  useEffect(() => {
    if (!wanted || video.current === null) return
    setShown(false)
    return watchCamera(video.current, {
      onShown: () => setShown(true),
      onText: (said) => heard.current(said),
      onTrouble: setTrouble,
    })
  }, [wanted])
  return { video, shown, trouble, again: () => setTrouble(null) }
}

/** On a phone without a live camera in pages the button opens the camera itself; elsewhere it asks for a file. */
function PhotoButton(props: { readonly live: boolean; readonly onPhoto: (file: Blob) => void }) {
  const text = useWords()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="image/*"
        {...(props.live ? {} : { capture: 'environment' as const })}
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          // So that the same photo can be chosen twice.
          event.currentTarget.value = ''
          if (file !== undefined) props.onPhoto(file)
        }}
      />
      <button
        type="button"
        class={`btn ${props.live ? 'soft' : 'primary'} block`}
        onClick={() => input.current?.click()}
      >
        {props.live ? text.scan.choosePhoto : text.scan.takePhoto}
      </button>
    </>
  )
}

function NoteLine({ note, text }: { readonly note: Note; readonly text: Words }) {
  if (note === 'looking') return <p class="dim small">{text.scan.looking}</p>
  return (
    <ErrorLine
      role={undefined}
      says={note === 'not-loaded' ? text.scan.troubles[note] : text.scan.notes[note]}
    />
  )
}

/** On HTTPS a browser without a live camera has none to give. */
const troubleSays = (trouble: Trouble, { scan }: Words): Says =>
  scan.troubles[trouble === 'plain' && isSecureContext ? 'none' : trouble]
