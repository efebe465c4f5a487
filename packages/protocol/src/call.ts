import type { z } from 'zod'

/**
 * A request with one acknowledgement. The reply also arrives as the event `succeeds` or `fails`, where the founding wire
 * names them, so that a client which never asked for an acknowledgement is answered as well.
 */
export interface Call<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly request: Request
  readonly reply: Reply
  readonly succeeds: string | null
  readonly fails: string | null
}

const ACKNOWLEDGEMENT_ALONE = { succeeds: null, fails: null }

export const call = <Request extends z.ZodType, Reply extends z.ZodType>(
  request: Request,
  reply: Reply,
  events: { readonly succeeds: string | null; readonly fails: string | null } = ACKNOWLEDGEMENT_ALONE,
): Call<Request, Reply> => ({ request, reply, ...events })

export type Calls = Readonly<Record<string, Call>>
export type RequestOf<C extends Calls, Name extends keyof C> = z.input<C[Name]['request']>
export type ReplyOf<C extends Calls, Name extends keyof C> = z.output<C[Name]['reply']>
/** A request as the asked end reads it, and its answer before the schema has filled in defaults. */
export type AskedOf<C extends Call> = z.output<C['request']>
export type AnswerOf<C extends Call> = z.input<C['reply']>
export type Facts = Readonly<Record<string, z.ZodType>>
export type FactOf<F extends Facts, Name extends keyof F> = z.output<F[Name]>

/** A value from the other end, read by `schema`; null when it does not fit. */
export function received<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | null {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : null
}
