import { randomBytes } from 'node:crypto'
import type { AuthenticationCreds, BinaryNode, makeWASocket } from 'baileys'

export type Sock = ReturnType<typeof makeWASocket>

/** What the layer around Baileys sees that Baileys itself does not tell. */
export interface Signs {
  /** the QR to show, with the secret that is in force now */
  qr(text: string): void
  codeTyped(): void
  freshCodeWanted(): void
  passkeyRequired(): void
  /** a frame, or what somebody's listener made of it, that ends this session and no other */
  unreadable(problem: unknown): void
}

const CLOSE_MS_MAX = 1_500

/**
 * What the product needs around Baileys 7.0.0-rc14, through its public surface (`sock.ws`, `sock.ev`, `sock.sendNode`).
 * Answers with what takes all of it away again.
 */
export function harden(sock: Sock, creds: AuthenticationCreds, signs: Signs): () => void {
  const undo = [
    guardListeners(sock, signs),
    boundClose(sock),
    watchQr(sock, creds, signs),
    watchPhone(sock, creds, signs),
  ]
  return () => {
    for (const each of undo) each()
  }
}

/**
 * Baileys does not handle the rejections of its listeners, which ends the process by Node’s default: of the listener
 * that reads frames, and of those that answer messages. Here they end this session. Its later listeners wait for
 * answers to its own questions, and those rejections are handled.
 */
function guardListeners(sock: Sock, signs: Signs): () => void {
  for (const name of sock.ws.eventNames()) {
    const listeners = sock.ws.listeners(name)
    sock.ws.removeAllListeners(name)
    for (const listener of listeners) sock.ws.on(String(name), guarded(listener, sock, signs))
  }
  return () => void sock.ws.removeAllListeners('message')
}

/** The same listener, whose failure is told instead of thrown. */
const guarded =
  (listener: (...args: never) => unknown, sock: Sock, signs: Signs) =>
  (...args: readonly unknown[]): void => {
    try {
      const answer: unknown = Reflect.apply(listener, sock.ws, [...args])
      if (answer instanceof Promise) answer.catch((problem: unknown) => signs.unreadable(problem))
    } catch (problem) {
      signs.unreadable(problem)
    }
  }

/** Closing waits for the peer's half of the handshake, thirty seconds if need be: the connection is cut before. */
function boundClose(sock: Sock): () => void {
  const close = sock.ws.close.bind(sock.ws)
  sock.ws.close = async () => {
    const cut = setTimeout(() => terminate(sock), CLOSE_MS_MAX)
    try {
      await close()
    } finally {
      clearTimeout(cut)
    }
  }
  return () => {}
}

/** Cuts the TCP connection. Nothing of Baileys' surface does. */
export function terminate(sock: Sock): void {
  const { socket } = sock.ws as unknown as { readonly socket: { terminate(): void } | null }
  socket?.terminate()
}

/** Baileys puts the first secret into every QR of a connection; WhatsApp may ask for another one after a scan. */
function watchQr(sock: Sock, creds: AuthenticationCreds, signs: Signs): () => void {
  let shown: string | null = null
  let isFinishing = false
  const show = (): void => {
    if (shown !== null) signs.qr(withSecret(shown, creds.advSecretKey))
  }
  const onUpdate = ({ qr }: { readonly qr?: string | undefined }): void => {
    if (qr === undefined) return
    shown = qr
    show()
  }
  const onRefresh = (node: BinaryNode): void => {
    acknowledge(sock, creds, node)
    // The pending pair-success is authenticated with the secret that the typed code made.
    if (isFinishing) return
    sock.ev.emit('creds.update', { advSecretKey: randomBytes(32).toString('base64') })
    show()
  }
  const onStage = (node: BinaryNode): void => {
    if (stageOf(node) === 'primary_hello') isFinishing = true
  }
  sock.ev.on('connection.update', onUpdate)
  sock.ws.on('CB:notification,type:companion_reg_refresh', onRefresh)
  sock.ws.on('CB:notification,type:link_code_companion_reg,link_code_companion_reg', onStage)
  return () => {
    sock.ev.off('connection.update', onUpdate)
    sock.ws.off('CB:notification,type:companion_reg_refresh', onRefresh)
    sock.ws.off('CB:notification,type:link_code_companion_reg,link_code_companion_reg', onStage)
  }
}

/** `…#reference,noise,identity,secret,platform`, or the same without the part before the `#`. */
function withSecret(qr: string, secret: string): string {
  const at = qr.indexOf('#') + 1
  const parts = qr.slice(at).split(',')
  parts[3] = secret
  return qr.slice(0, at) + parts.join(',')
}

/** What the phone does that Baileys answers by itself, or stumbles over. */
function watchPhone(sock: Sock, creds: AuthenticationCreds, signs: Signs): () => void {
  const onStage = (node: BinaryNode): void => {
    const stage = stageOf(node)
    if (stage === 'primary_hello') signs.codeTyped()
    if (stage === 'refresh_code') signs.freshCodeWanted()
  }
  const onPasskey = (node: BinaryNode): void => {
    acknowledge(sock, creds, node)
    signs.passkeyRequired()
  }
  sock.ws.on('CB:notification,type:link_code_companion_reg,link_code_companion_reg', onStage)
  sock.ws.on('CB:notification,type:passkey_prologue_request', onPasskey)
  return () => {
    sock.ws.off('CB:notification,type:link_code_companion_reg,link_code_companion_reg', onStage)
    sock.ws.off('CB:notification,type:passkey_prologue_request', onPasskey)
  }
}

const stageOf = (node: BinaryNode): string | undefined =>
  Array.isArray(node.content) ? node.content[0]?.attrs['stage'] : undefined

/** Before login Baileys cannot acknowledge by itself: its acknowledgement names an account. */
function acknowledge(sock: Sock, creds: AuthenticationCreds, node: BinaryNode): void {
  if (creds.me !== undefined) return
  const { id = '', from = '', type = '' } = node.attrs
  sock.sendNode({ tag: 'ack', attrs: { id, to: from, class: node.tag, type } }).catch(() => {})
}
