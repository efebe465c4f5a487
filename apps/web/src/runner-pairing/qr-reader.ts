/** A picture of a camera or a photo. */
export type Picture = HTMLVideoElement | HTMLCanvasElement

/** Answers with the texts of the readable QR codes in a picture. */
export type QrReader = (picture: Picture) => Promise<readonly string[]>

/** The part of the browsers' BarcodeDetector (Shape Detection API) that is used; the library has the same. */
interface Detector {
  detect(picture: Picture): Promise<ReadonlyArray<{ readonly rawValue: string }>>
}
interface DetectorClass {
  new (options: { readonly formats: readonly string[] }): Detector
  getSupportedFormats(): Promise<readonly string[]>
}

const FORMATS = { formats: ['qr_code'] }

/** The browser's own reader where it has one, else the library, which is loaded only then. */
export async function qrReader(): Promise<QrReader> {
  const own = await ownDetector()
  if (own === null) return libraryReader()
  return async (picture) => {
    try {
      return textsOf(await own.detect(picture))
    } catch {
      // Present, but its service is not (some phones without the maker's own services).
      return (await libraryReader())(picture)
    }
  }
}

const textsOf = (found: ReadonlyArray<{ readonly rawValue: string }>) => found.map((code) => code.rawValue)

async function ownDetector(): Promise<Detector | null> {
  const { BarcodeDetector: own } = globalThis as { readonly BarcodeDetector?: DetectorClass }
  const formats = (await own?.getSupportedFormats().catch(() => [])) ?? []
  return own !== undefined && formats.includes('qr_code') ? new own(FORMATS) : null
}

async function libraryReader(): Promise<QrReader> {
  const { BarcodeDetector } = await import('qr/decode.js')
  const detector = new BarcodeDetector({ formats: ['qr_code'] })
  return async (picture) => textsOf(await detector.detect(picture))
}

/** Longest sides to look at, in pixels: a code that fills a photo is read best small, one far away needs the pixels. */
const PHOTO_SIDES_PX = [1_024, 2_048, 640]

/** The texts of the QR codes in a photo; null when the file is no picture. */
export async function readPhoto(file: Blob): Promise<readonly string[] | null> {
  const bitmap = await createImageBitmap(file).catch(() => null)
  if (bitmap === null) return null
  const read = await qrReader()
  const canvas = document.createElement('canvas')
  try {
    for (const side of PHOTO_SIDES_PX) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height))
      canvas.width = Math.max(1, Math.round(bitmap.width * scale))
      canvas.height = Math.max(1, Math.round(bitmap.height * scale))
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
      const texts = await read(canvas)
      if (texts.length > 0) return texts
    }
    return []
  } finally {
    bitmap.close()
  }
}
