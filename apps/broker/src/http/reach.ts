import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import { announcesMulticastName, machineAddresses, multicastName } from './machine-addresses.ts'

const ANY_ADDRESS: readonly string[] = ['0.0.0.0', '::', '']

interface Parts {
  readonly host: string
  readonly publicUrl: string | undefined
  readonly tls: boolean
  readonly isShared: boolean
}

/** Under which addresses people reach this broker. The port is known once it listens. */
export class Reach {
  #port = 0

  /** @param parts.isShared whether other brokers share this one's store, and so its operators */
  constructor(private readonly parts: Parts) {}

  listensOn(port: number): void {
    this.#port = port
  }

  readonly port = (): number => this.#port

  /** Whether people's browsers speak HTTPS to it, itself or through a proxy. */
  get isHttps(): boolean {
    return this.parts.tls || (this.parts.publicUrl?.startsWith('https:') ?? false)
  }

  /** The one address to show: the public one, or that of the local network, or this machine's own. */
  get url(): string {
    if (this.parts.publicUrl !== undefined) return this.parts.publicUrl
    const outside = this.addresses.find((address) => !isLoopback(new URL(address).hostname))
    return outside ?? this.#urlOf('localhost')
  }

  /**
   * The address under which this request came, for answers that must name the one the client knows. The Host header has passed
   * the broker's list of own names by then.
   */
  urlOf({ headers: { host } }: IncomingMessage): string {
    const scheme = this.isHttps ? 'https' : 'http'
    if (host === undefined || !URL.canParse(`${scheme}://${host}`)) return this.url
    return new URL(`${scheme}://${host}`).origin
  }

  /** All addresses it answers on: this machine's own first, then the likeliest for others, its local name last. */
  get addresses(): readonly string[] {
    if (!ANY_ADDRESS.includes(this.parts.host)) return [this.#urlOf(this.parts.host)]
    const outside = machineAddresses().filter((address) => this.parts.host !== '0.0.0.0' || !isIPv6(address))
    const names = announcesMulticastName() && outside.length > 0 ? [multicastName()] : []
    return ['127.0.0.1', ...outside, ...names].map((address) => this.#urlOf(address))
  }

  /** The one for other brokers: an address, as a local name means nothing in another network. */
  get addressForBrokers(): string | null {
    if (this.#port === 0) return null
    const outside = this.addresses.filter((address) => !isLoopback(new URL(address).hostname))
    return outside.find((address) => !address.includes('.local:')) ?? this.addresses[0] ?? null
  }

  /** Cookies do not know ports: two brokers on one machine must not sign each other out, unless they are one system. */
  get operatorCookie(): string {
    const name = this.parts.isShared ? 'latchkey-operator' : `latchkey-operator-${this.#port}`
    // RFC 6265bis, 4.1.3.2: with this prefix no other host and no plain HTTP can set it.
    return this.isHttps ? `__Host-${name}` : name
  }

  /** How people know it: by its public name, or by that of its machine. */
  get name(): string {
    return this.parts.publicUrl === undefined ? hostname() : new URL(this.parts.publicUrl).hostname
  }

  /** What a device opens to join. The token is in the fragment, which no server and no log ever sees. */
  joinUrl(token: string): string {
    return `${this.url}/join#${token}`
  }

  consoleUrl(token: string): string {
    return `${this.url}/console#${token}`
  }

  #urlOf(host: string): string {
    const scheme = this.parts.tls ? 'https' : 'http'
    return new URL(`${scheme}://${isIPv6(host) ? `[${host}]` : host}:${this.#port}`).origin
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host.startsWith('127.')
