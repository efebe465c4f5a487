import type { Page } from 'playwright-core'

/** Bytes that a page took over the wire so far. */
export interface WireBytes {
  /** of answers, headers included, as the broker sent them: compressed */
  readonly answers: number
  /** payloads of WebSocket frames that came */
  readonly frames: number
  /** the largest answers, for the message of a test that fails */
  readonly largest: readonly string[]
}

/** Counts what `page` takes from now on. */
export async function countedWire(page: Page): Promise<() => WireBytes> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const paths = new Map<string, string>()
  const sizes = new Map<string, number>()
  let frames = 0
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    paths.set(requestId, new URL(request.url).pathname)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    sizes.set(requestId, encodedDataLength)
  })
  session.on('Network.webSocketFrameReceived', ({ response: { opcode, payloadData } }) => {
    // Binary frames are told in base64.
    frames += opcode === 2 ? Math.floor((payloadData.length * 3) / 4) : payloadData.length
  })
  return () => ({
    answers: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    frames,
    largest: [...sizes]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 60)
      .map(([id, size]) => `${size} ${paths.get(id)}`),
  })
}
