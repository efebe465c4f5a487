import { qrDrawing } from '../../apps/web/src/parts/qr-drawing.ts'
import type { Contexts } from './phone.ts'

/** A photo of a screen that shows `text` as a QR code, beside other things; without a text, of the other things alone. */
export async function photoOf(browser: Contexts, text: string | null): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } })
  const { size, path } = qrDrawing(text ?? '')
  const code = `<svg width="380" viewBox="0 0 ${size} ${size}" style="background:#fff;transform:rotate(7deg)"><path d="${path}"/></svg>`
  await page.setContent(
    `<body style="background:#345;color:#fff;font:30px serif;padding:120px">attic ${text === null ? '' : code}</body>`,
  )
  const taken = await page.screenshot()
  await page.close()
  return taken
}

const SIDE_PX = 480

/** What a camera sees in front of such a screen, as a film of a few frames in the form that Chromium takes (YUV4MPEG2). */
export function filmOf(text: string): Buffer {
  const { size, path } = qrDrawing(text)
  const scale = Math.floor(SIDE_PX / size)
  const luma = Buffer.alloc(SIDE_PX * SIDE_PX, 235)
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g))
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++)
      luma.fill(16, row * SIDE_PX + Number(x) * scale, row * SIDE_PX + (Number(x) + Number(width)) * scale)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc((SIDE_PX * SIDE_PX) / 2, 128)])
  const head = `YUV4MPEG2 W${SIDE_PX} H${SIDE_PX} F10:1 Ip A1:1 C420jpeg\n`
  return Buffer.concat([Buffer.from(head), frame, frame, frame])
}
