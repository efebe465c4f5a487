import { parentPort } from 'node:worker_threads'
import { Screen } from './screen.ts'
import type { FromScreens, Picture, ToScreens } from './screen-messages.ts'

/** The thread that draws all screens, so that drawing never delays a keystroke. Started by `screens.ts`. */

const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread')

const screens = new Map<number, Screen>()

const tell = (message: FromScreens, ...handedOver: ArrayBuffer[]): void =>
  port.postMessage(message, handedOver)

port.on('message', (message: ToScreens) => {
  if (message.type === 'open') return void screens.set(message.screen, open(message))
  const screen = screens.get(message.screen)
  if (screen === undefined) return
  const give = (request: number) => (picture: Picture) =>
    tell({ type: 'picture', screen: message.screen, request, ...picture }, picture.bytes.buffer)
  switch (message.type) {
    case 'output':
      return screen.output(message.bytes)
    case 'resize':
      return screen.resize(message.cols, message.rows)
    case 'scheme':
      return screen.scheme(message.isLight)
    case 'snapshot':
      return screen.snapshot(give(message.request))
    case 'rows':
      return screen.rows(give(message.request))
    case 'pack':
      return screen.pack(give(message.request))
    case 'scrollback':
      return screen.scrollback(message.lines, message.since, give(message.request))
    case 'mark':
      return screen.mark(message.mark)
    case 'close':
      screens.delete(message.screen)
      return screen.close()
  }
})

function open(message: Extract<ToScreens, { type: 'open' }>): Screen {
  const { screen, cols, rows, at, printedAt, packed, isLight } = message
  const opened = new Screen(
    cols,
    rows,
    {
      onDrawn: (upTo) => tell({ type: 'drawn', screen, upTo }),
      onReply: (text) => tell({ type: 'reply', screen, text }),
      onReport: (text) => tell({ type: 'report', screen, text }),
    },
    { at, printedAt, isLight },
  )
  if (packed !== null) opened.unpack(packed)
  return opened
}
