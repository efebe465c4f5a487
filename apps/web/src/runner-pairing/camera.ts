import { qrReader } from './qr-reader.ts'

/** Why there is no live picture: not allowed, not there, or there and not starting. */
export type CameraTrouble = 'refused' | 'none' | 'busy' | 'not-loaded'

interface CameraHeard {
  readonly onShown: () => void
  /** may come many times for one code that stays in the picture */
  readonly onText: (text: string) => void
  readonly onTrouble: (trouble: CameraTrouble) => void
}

/** Browsers give pages a live camera over HTTPS and on localhost alone. */
export const hasLiveCamera = (): boolean => 'mediaDevices' in navigator

/** Between two looks: quick enough for a hand, and the phone stays cool. */
const LOOK_MS = 120

/** Shows the camera in `video` and reads QR codes from it until the answered function stops it. The camera is then off. */
export function watchCamera(video: HTMLVideoElement, heard: CameraHeard): () => void {
  let stopped = false
  let stream: MediaStream | null = null
  let timer = 0
  const stop = () => {
    stopped = true
    clearTimeout(timer)
    for (const track of stream?.getTracks() ?? []) track.stop()
    video.srcObject = null
  }
  const fail = (trouble: CameraTrouble) => {
    if (stopped) return
    stop()
    heard.onTrouble(trouble)
  }
  const start = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      // Closed while the browser still asked.
      if (stopped) return stop()
      stream.getVideoTracks()[0]?.addEventListener('ended', () => fail('busy'))
      video.srcObject = stream
      await video.play()
    } catch (error) {
      return fail(troubleOf(error))
    }
    const read = await qrReader().catch(() => null)
    if (read === null) return fail('not-loaded')
    if (stopped) return
    heard.onShown()
    const look = async () => {
      // A frame that cannot be read is a frame without a code: the next one comes.
      const texts = await read(video).catch(() => [])
      for (const text of texts) if (!stopped) heard.onText(text)
      if (!stopped) timer = window.setTimeout(() => void look(), LOOK_MS)
    }
    void look()
  }
  void start()
  return stop
}

/** By the names of the Media Capture standard's exceptions. */
function troubleOf(error: unknown): CameraTrouble {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none'
    default:
      return 'busy'
  }
}
