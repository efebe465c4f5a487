declare module 'proxy-addr' {
  import type { IncomingMessage } from 'node:http'

  /** The peer, and the entries of X-Forwarded-For from the nearest outwards, up to the first that is not trusted. */
  export function all(
    request: Pick<IncomingMessage, 'headers' | 'socket'>,
    trust: (address: string, hop: number) => boolean,
  ): string[]
}
