import type { BinarySocket, OpenBinarySocket } from './transport.ts'

/** The common part of browsers' WebSocket and the `ws` package's. */
export interface WebSocketLike {
  binaryType: string
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  send(data: Uint8Array<ArrayBuffer>): void
  close(): void
  /** `ws` only: ends without waiting for the other side, which may be long gone */
  terminate?(): void
}

/**
 * Opens binary sockets on a platform's WebSocket. In a browser: `webSockets((url) => new WebSocket(url))`. In Node, with
 * `ws`: `webSockets((url) => new WebSocket(url, { perMessageDeflate: false, maxPayload: FRAME_BYTES_MAX }))`.
 */
export const webSockets =
  (make: (url: string) => WebSocketLike): OpenBinarySocket =>
  (url, timeoutMs) =>
    new Promise((resolve, reject) => {
      const socket = make(url)
      socket.binaryType = 'arraybuffer'
      const timer = setTimeout(() => fail(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs)
      const fail = (problem: Error) => {
        clearTimeout(timer)
        silence(socket)
        endNow(socket)
        reject(problem)
      }
      socket.onerror = (event: { readonly message?: string }) =>
        fail(new Error(event.message ?? 'the connection was refused'))
      socket.onclose = () => fail(new Error('the connection was closed'))
      socket.onopen = () => {
        clearTimeout(timer)
        resolve(openSocket(socket))
      }
    })

function openSocket(socket: WebSocketLike): BinarySocket {
  let ended = false
  const end = () => {
    if (ended) return
    ended = true
    silence(socket)
    open.onEnd()
  }
  const open: BinarySocket = {
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send(frame) {
      if (!ended) socket.send(plain(frame))
    },
    close() {
      endNow(socket)
      end()
    },
    onFrame: () => {},
    onEnd: () => {},
  }
  socket.onclose = end
  socket.onerror = end
  socket.onmessage = (event: { readonly data: unknown }) => {
    if (event.data instanceof ArrayBuffer) open.onFrame(new Uint8Array(event.data))
    // Text is no frame: the other end is not a broker of ours.
    else open.close()
  }
  return open
}

/** WebSockets take no shared memory. None is used here, so a copy is made in that case alone. */
function plain(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  return frame.buffer instanceof ArrayBuffer
    ? new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength)
    : Uint8Array.from(frame)
}

function silence(socket: WebSocketLike): void {
  socket.onopen = null
  socket.onmessage = null
  socket.onclose = null
  // `ws` throws the error of a socket without a listener, also after the socket is given up.
  socket.onerror = () => {}
}

function endNow(socket: WebSocketLike): void {
  if (socket.terminate === undefined) socket.close()
  else socket.terminate()
}
