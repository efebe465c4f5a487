import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens to one connection through the proxy. Bytes are counted in both directions together. */
export type Fault =
  | { readonly kind: 'none' }
  /** both ends see the connection reset */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** nothing passes any more and neither end sees a close, as when a phone leaves its Wi-Fi */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** what the server says after so many bytes never arrives: it has heard the question, and the connection is reset */
  | { readonly kind: 'lose-answer'; readonly afterBytes: number }

export const NO_FAULT: Fault = { kind: 'none' }

interface Pair {
  readonly client: Socket
  readonly server: Socket
  fault: Fault
  passedBytes: number
  stalled: boolean
}

/** A TCP way to `127.0.0.1:targetPort` that fails as it is told to. */
export class FaultProxy {
  /** decides for each new connection */
  plan: () => Fault = () => NO_FAULT
  /** added to every chunk, in each direction */
  delayMs = 0
  cuts = 0
  readonly #pairs = new Set<Pair>()
  readonly #server: Server
  #targetPort: number

  constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#accept(client))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  /** Where new connections lead from now on: a name or a virtual address that moved. */
  leadTo(targetPort: number): void {
    this.#targetPort = targetPort
  }

  cutAll(): void {
    for (const pair of this.#pairs) this.#cut(pair)
  }

  /** Everything that is open now stalls; new connections are planned as ever. */
  stallAll(): void {
    for (const pair of this.#pairs) pair.stalled = true
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#pairs) for (const end of [client, server]) end.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(client: Socket): void {
    const server = connect(this.#targetPort, '127.0.0.1')
    const pair: Pair = { client, server, fault: this.plan(), passedBytes: 0, stalled: false }
    this.#pairs.add(pair)
    this.#pass(pair, client, server)
    this.#pass(pair, server, client)
  }

  #pass(pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true)
    from.on('error', () => {})
    from.on('data', (bytes) => {
      if (this.delayMs === 0) this.#forward(pair, to, bytes)
      else setTimeout(() => this.#forward(pair, to, bytes), this.delayMs)
    })
    from.on('close', () => {
      this.#pairs.delete(pair)
      // Over a stalled way not even the end is heard.
      if (!pair.stalled) to.destroy()
    })
  }

  #forward(pair: Pair, to: Socket, bytes: Buffer): void {
    if (pair.stalled || to.destroyed) return
    const { fault } = pair
    if (fault.kind === 'none') return void to.write(bytes)
    const left = fault.afterBytes - pair.passedBytes
    pair.passedBytes += bytes.length
    if (fault.kind === 'lose-answer') {
      if (left <= 0 && to === pair.client) this.#cut(pair)
      else to.write(bytes)
      return
    }
    if (bytes.length < left) return void to.write(bytes)
    to.write(bytes.subarray(0, left), () => {
      if (fault.kind === 'cut') this.#cut(pair)
    })
    if (fault.kind === 'stall') pair.stalled = true
  }

  #cut(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return
    this.cuts += 1
    for (const end of [pair.client, pair.server]) end.resetAndDestroy()
  }
}

/** A small generator of numbers in [0, 1) that a seed decides (mulberry32), so that a failing run can be had again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
