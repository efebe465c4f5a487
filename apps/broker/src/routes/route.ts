import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import type { ApiScope } from '@latchkey/domain/api-keys/api-key'
import type { OperatorAct } from '@latchkey/domain/device-pairing/events'
import type * as deviceWire from '@latchkey/protocol/device-pairing'
import type { z } from 'zod'

/** Who may ask. `operator`: signed in to the console, or with the operator's secret as a bearer. */
export type By =
  | 'anybody'
  | 'operator'
  /** signed in to the console; no bearer will do */
  | 'console'
  /** with the operator's secret alone */
  | 'secret'
  /** a device, with its peer token or session secret as a bearer */
  | 'device'
  /** the operator, or a scraper with the metrics token */
  | 'metrics'

/** The facts of one route: controllers, guard, method check and OpenAPI document are made of them. */
export interface Facts {
  readonly summary: string
  readonly by: By
  /** what an API key needs to be let in; without it, none is: a key is never the operator */
  readonly scope?: ApiScope
  /** what the audit calls it, once it was done; missing where nothing changes, or where the change has an event of its own */
  readonly act?: OperatorAct
  /** fields of the address, after the question mark */
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** OAuth speaks in forms */
  readonly isForm?: true
  readonly reply: z.ZodType | 'nothing' | 'text'
  /** of a text or picture; otherwise plain text */
  readonly mediaType?: string
  /** answered by Server-Sent Events, each `data:` the reply as JSON */
  readonly isStream?: true
  /** codes of problem details that are its own */
  readonly problems?: readonly (
    | deviceWire.DeviceProblemCode
    | 'LINK_NOT_VALID'
    | 'RATE_LIMITED'
    | 'NOT_READY'
    | 'NO_SUCH_BAN'
    | 'NOT_PACKED'
    | 'NO_SUCH_FILE'
    | 'NO_SUCH_KEY'
    | 'TOO_MANY_KEYS'
    | 'NO_SUCH_WEBHOOK'
    | 'NO_SUCH_EVENT'
    | 'TOO_MANY_WEBHOOKS'
    | 'TARGET_NOT_ALLOWED'
    | 'WEBHOOK_OFF'
    | 'TOO_MANY_BROWSERS'
    | 'NO_SUCH_ACCOUNT'
    | 'NO_QR'
    | 'NO_CODE'
    | AccountReason
  )[]
}

export type Method = 'get' | 'post' | 'patch' | 'delete'

/** One thing that may be asked over HTTP. */
export interface Route extends Facts {
  readonly method: Method
  /** parameters as `{name}` */
  readonly path: string
  readonly tag: Tag
}

type Tag = 'devices' | 'nodes' | 'machines' | 'webhooks' | 'oauth' | 'operator' | 'linking' | 'broker'

const METHODS: readonly Method[] = ['get', 'post', 'patch', 'delete']

/** Routes by their names, which are method and path. */
export function table<Name extends `${Method} /${string}`>(tag: Tag, facts: Readonly<Record<Name, Facts>>) {
  const routes = Object.entries<Facts>(facts).flatMap(([name, each]): Route[] => {
    const [said, path = ''] = name.split(' ')
    const method = METHODS.find((known) => known === said)
    return method === undefined ? [] : [{ method, path, tag, ...each }]
  })
  return { facts, routes }
}
