import { WebSocket } from 'ws'
/** A connected WebSocket with Nagle off. onMessage is set before anything can arrive. */
export function wsOpen(url, { protocols = [], onMessage, ...opts } = {}) {
  return new Promise((res, rej) => {
    const ws = new WebSocket(url, protocols, {
      perMessageDeflate: false,
      maxPayload: 256 << 20,
      skipUTF8Validation: true,
      ...opts,
    })
    if (onMessage) ws.on('message', onMessage)
    ws.on('open', () => {
      ws._socket.setNoDelay(true)
      ws.removeListener('error', rej)
      ws.on('error', () => {})
      res(ws)
    })
    ws.on('error', rej)
  })
}
