import { isIP } from 'node:net'
import { z } from 'zod'

/** The row of one setting in docs/settings.md and in `--help`. */
export interface SettingRow {
  readonly name: string
  readonly env: string
  /** null where a flag would show a secret in the process list */
  readonly flag: string | null
  readonly unit: string
  /** as text; null when unset means something of its own, which the description says */
  readonly default: string | null
  readonly description: string
}

export type Documented = Omit<SettingRow, 'name'>
/** The description of a setting, beside its schema. */
export const documented = z.registry<Documented>()

/** A setting with a default, read from text. */
export function setting<S extends z.ZodType<unknown, string>>(
  read: S,
  row: Documented & { readonly default: string & z.input<S> },
) {
  const schema = read.prefault(row.default)
  documented.add(schema, row)
  return schema
}

/** A setting that may stay unset. */
export function unset<S extends z.ZodType<unknown, string>>(read: S, row: Omit<Documented, 'default'>) {
  const schema = read.optional()
  documented.add(schema, { ...row, default: null })
  return schema
}

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
export const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off', 'yes', 'no'], 'must be on or off')
  .transform((text) => ['true', '1', 'on', 'yes'].includes(text))
export const list = (isGood: (item: string) => boolean, wanted: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .refine((items) => items.every(isGood), `must be ${wanted}, separated by commas`)

export const isOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text
export const isUrlOf =
  (...protocols: readonly string[]) =>
  (text: string): boolean =>
    URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== ''

/** A Redis as the driver reads it: what follows the host is the number of a database, and nothing else. */
export const isRedisUrl = (text: string): boolean =>
  isUrlOf('redis:', 'rediss:')(text) && /^\/?\d*$/.test(new URL(text).pathname)

/** `host:port`; an IPv6 address is in brackets. */
export const isHostPort = (text: string): boolean =>
  /:\d{1,5}$/.test(text) && URL.canParse(`redis://${text}`) && new URL(`redis://${text}`).host === text

/** An IP address, alone or with the length of its prefix. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const family = isIP(address)
  return (
    family !== 0 &&
    more === undefined &&
    (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
  )
}
