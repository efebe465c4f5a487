/** Events about one device are a few hundred bytes: what sends more than this without an end is not the broker. */
const EVENT_CHARS_MAX = 64 * 1024

/**
 * The `data` of each Server-Sent Event in `body` (WHATWG HTML 9.2), as far as the broker uses them: no names, no ids, no
 * times to retry. Ends with the stream; throws what reading throws.
 * @param heard called for whatever arrives, comments too: the other end lives
 * @param charsMax the longest event that is waited for
 */
export async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  charsMax = EVENT_CHARS_MAX,
): AsyncGenerator<string, void> {
  const reader = body.getReader()
  const decode = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      text += decode.decode(value, { stream: true })
      const events = text.replaceAll('\r\n', '\n').split('\n\n')
      text = events.pop() ?? ''
      if (text.length > charsMax) return
      for (const event of events) {
        const data = dataOf(event)
        if (data !== null) yield data
      }
    }
  } finally {
    // The end of listening ends the request too.
    await reader.cancel().catch(() => {})
  }
}

function dataOf(event: string): string | null {
  const lines = event.split('\n').flatMap((line) => {
    const [, data] = /^data: ?(.*)$/.exec(line) ?? []
    return data === undefined ? [] : [data]
  })
  return lines.length === 0 ? null : lines.join('\n')
}
