import type { CredentialShelf, CredentialText } from '@latchkey/domain/accounts/ports'
import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from 'baileys'

const CREDS_KIND = 'creds'

/** What Baileys logs in with, and its keeping. */
export interface KeptAuth {
  readonly state: AuthenticationState
  /** the account document has changed: it is written after the running write */
  credsChanged(): void
  /** Waits until everything so far is kept. Rejects when something could not be. */
  flush(): Promise<void>
  /** Waits for the running write; later ones are dropped. */
  close(): Promise<void>
}

/** The linked account on the shelf; null when there is none, or only the rest of an attempt that came to nothing. */
export async function readLinkedCreds(shelf: CredentialShelf): Promise<AuthenticationCreds | null> {
  const text = (await shelf.read(CREDS_KIND, [''])).get('')
  if (text === undefined) return null
  const creds: AuthenticationCreds = JSON.parse(text, BufferJSON.reviver)
  return creds.account === undefined ? null : creds
}

export const freshCreds = (): AuthenticationCreds => initAuthCreds()

/**
 * The auth state over a shelf. Nothing of an attempt is written before its pairing succeeded, so that a process which dies with
 * a code on the screen leaves nothing behind that could log in. `onFailed` is told of the first write that failed.
 */
export function keepAuth(creds: AuthenticationCreds, shelf: CredentialShelf, onFailed: () => void): KeptAuth {
  const early = new Map<string, CredentialText>()
  let isLinked = creds.account !== undefined
  let areCredsDirty = false
  let isClosed = false
  let tail: Promise<void> = Promise.resolve()
  let failure: Error | null = null

  const credsRow = (): CredentialText => ({
    kind: CREDS_KIND,
    name: '',
    text: JSON.stringify(creds, BufferJSON.replacer),
  })
  const write = async (rows: () => readonly CredentialText[]): Promise<void> => {
    if (isClosed) return
    const done = tail.then(async () => {
      if (failure !== null) throw failure
      const due = rows()
      if (due.length > 0) await shelf.write(due)
    })
    tail = done.catch((problem: unknown) => {
      if (failure === null) onFailed()
      failure ??= problem instanceof Error ? problem : new Error('the credentials could not be kept')
    })
    return done
  }
  /** One write of the account document for all its changes so far. */
  const writeCreds = (): Promise<void> =>
    write(() => {
      if (!areCredsDirty) return []
      areCredsDirty = false
      return [credsRow()]
    })
  const becomeLinked = (): Promise<void> =>
    write(() => {
      isLinked = true
      areCredsDirty = false
      const rows = [...early.values(), credsRow()]
      early.clear()
      return rows
    })

  return {
    state: {
      creds,
      keys: {
        get: async (type, names) => readKeys(type, names, isLinked ? null : early, shelf),
        set: async (data) => {
          const rows = rowsOf(data)
          if (isLinked) return write(() => rows)
          for (const row of rows) early.set(`${row.kind}\0${row.name}`, row)
        },
      },
    },
    credsChanged: () => {
      areCredsDirty = true
      if (!isLinked) return
      // A failure is told by `onFailed` and by the next flush.
      writeCreds().catch(() => {})
    },
    flush: async () => {
      if (!isLinked && creds.account === undefined) return
      await (isLinked ? writeCreds() : becomeLinked())
      if (failure !== null) throw failure
    },
    close: async () => {
      isClosed = true
      await tail
    },
  }
}

async function readKeys<T extends keyof SignalDataTypeMap>(
  type: T,
  names: string[],
  early: ReadonlyMap<string, CredentialText> | null,
  shelf: CredentialShelf,
): Promise<{ [name: string]: SignalDataTypeMap[T] }> {
  const found: { [name: string]: SignalDataTypeMap[T] } = {}
  const kept = early === null ? await shelf.read(type, names) : new Map<string, string>()
  for (const name of names) {
    const text = early === null ? kept.get(name) : early.get(`${type}\0${name}`)?.text
    if (text !== undefined && text !== null) found[name] = keyFrom(type, text)
  }
  return found
}

/** Written by this file alone, from values of the library's types. One kind of value is a protobuf message again. */
function keyFrom<T extends keyof SignalDataTypeMap>(type: T, text: string): SignalDataTypeMap[T] {
  const value = JSON.parse(text, BufferJSON.reviver)
  return type === 'app-state-sync-key'
    ? (proto.Message.AppStateSyncKeyData.fromObject(value) as never)
    : value
}

const rowsOf = (data: SignalDataSet): readonly CredentialText[] =>
  Object.entries(data).flatMap(([kind, rows]) =>
    Object.entries(rows ?? {}).map(([name, value]) => ({
      kind,
      name,
      text: value === null || value === undefined ? null : JSON.stringify(value, BufferJSON.replacer),
    })),
  )
