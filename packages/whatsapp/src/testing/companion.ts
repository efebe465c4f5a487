import type { PhoneNumber } from '@latchkey/domain/accounts/account'
import type { SocketEvent } from '@latchkey/domain/accounts/effects'
import type {
  CredentialShelf,
  SocketOptions,
  WhatsAppLibrary,
  WhatsAppSocket,
} from '@latchkey/domain/accounts/ports'

/** A shelf in memory, which can be made slow or broken. */
export class MemoryShelf implements CredentialShelf {
  readonly rows = new Map<string, string>()
  writeCount = 0
  isBroken = false
  delayMs = 0

  async read(kind: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(
      names.flatMap((name) => {
        const text = this.rows.get(`${kind}/${name}`)
        return text === undefined ? [] : [[name, text] as const]
      }),
    )
  }

  async write(rows: Parameters<CredentialShelf['write']>[0]): Promise<void> {
    this.writeCount++
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (this.isBroken) throw new Error('the shelf is broken')
    for (const { kind, name, text } of rows) {
      if (text === null) this.rows.delete(`${kind}/${name}`)
      else this.rows.set(`${kind}/${name}`, text)
    }
  }
}

type Said<Name extends SocketEvent['event']> = Extract<SocketEvent, { readonly event: Name }>

/** One connection of the real client, and all it has told. */
export interface Companion {
  readonly socket: WhatsAppSocket
  readonly told: readonly SocketEvent[]
  readonly writeFailures: number
  /** the first such event, told already or still to come */
  next<Name extends SocketEvent['event']>(event: Name, skip?: number): Promise<Said<Name>>
}

const WAIT_MS = 30_000

/** Opens a connection and listens. */
export async function companion(
  library: WhatsAppLibrary,
  shelf: CredentialShelf,
  as: 'fresh' | 'linked',
  {
    qrMs = null,
    deviceName = null,
    proxy = null,
    method = 'qr',
  }: Partial<Pick<SocketOptions, 'qrMs' | 'deviceName' | 'proxy' | 'method'>> = {},
): Promise<Companion> {
  const told: SocketEvent[] = []
  const listeners = new Set<() => void>()
  let writeFailures = 0
  const socket = await library.open({
    as,
    method: as === 'fresh' ? method : null,
    shelf,
    qrMs,
    deviceName,
    proxy,
    on: (said) => {
      told.push(said)
      for (const listener of listeners) listener()
    },
    onWriteFailed: () => void writeFailures++,
  })
  return {
    socket,
    told,
    get writeFailures() {
      return writeFailures
    },
    next: (event, skip = 0) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = told.filter((said): said is Said<typeof event> => said.event === event)[skip]
          if (found === undefined) return
          clearTimeout(timer)
          listeners.delete(look)
          resolve(found)
        }
        const timer = setTimeout(() => {
          listeners.delete(look)
          reject(new Error(`waited in vain for ${event}; told: ${told.map((said) => said.event).join(', ')}`))
        }, WAIT_MS)
        listeners.add(look)
        look()
      }),
  }
}

/** A number of a phone that cannot exist: +1 202 555 01xx is kept for fiction. */
export const phoneNumber = (n: number): PhoneNumber =>
  `+1202555${String(100 + n).padStart(4, '0')}` as PhoneNumber
