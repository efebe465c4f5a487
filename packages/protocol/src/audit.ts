import { z } from 'zod'
import { momentMs } from './fields.ts'

/**
 * `GET /operator/audit`, and `GET /operator/audit/export` as a file: access that was given and taken away, by whom. For the operator.
 * Pairings of apps, their ends and bans are one kind, devices and acts of the operator another. Each is kept apart from failures that
 * anybody can cause, so that no number of those pushes anything out.
 */

const ENTRIES_MAX = 1_000
const ENTRIES_DEFAULT = 100

const auditKind = z.enum(['pairing', 'device', 'operator'])
const auditActor = z.enum(['operator', 'program', 'device', 'app', 'broker'])

const filters = {
  kind: auditKind.optional(),
  actor: auditActor.optional(),
  /** milliseconds since the epoch, inclusive */
  since: z.coerce.number().int().nonnegative().optional(),
  /** milliseconds since the epoch, inclusive */
  until: z.coerce.number().int().nonnegative().optional(),
}
export const auditQuery = z.strictObject({
  ...filters,
  limit: z.coerce.number().int().min(1).max(ENTRIES_MAX).default(ENTRIES_DEFAULT),
  /** how many of the newest were on the pages before */
  skip: z.coerce.number().int().min(0).max(100_000).default(0),
})
export type AuditQuery = z.output<typeof auditQuery>

/** `jsonl`: an entry in each line. `csv`: by RFC 4180, with a head; no cell is a formula. */
export const auditExportQuery = z.strictObject({
  ...filters,
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
})
export type AuditExportQuery = z.output<typeof auditExportQuery>

export const auditEntry = z.object({
  at: momentMs,
  kind: auditKind,
  /** `paired`, `NodeRevoked`, `signed-in` and the like: words of the product, so there are few of them */
  event: z.string(),
  actor: auditActor,
  /** who it is about, by name where one was written down */
  subject: z.string(),
  /** the id of the subject, or empty */
  id: z.string(),
  /** where it came from, or empty */
  address: z.string(),
  /** why, or empty */
  reason: z.string(),
  /** of a program: name and id of its API key; or empty */
  by: z.string().default(''),
})
export type AuditEntry = z.output<typeof auditEntry>

export const auditReply = z.object({
  entries: z.array(auditEntry),
  /** what the next page is asked with, beside the same filters; null when this is the last */
  next: z.object({ until: z.number().int().nonnegative(), skip: z.number().int().nonnegative() }).nullable(),
})
export type AuditReply = z.output<typeof auditReply>
