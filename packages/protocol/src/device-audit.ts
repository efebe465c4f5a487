import { z } from 'zod'

/**
 * The audit trail of device pairing as the console asks for it: one question to `/graphql`, whose whole schema is in
 * docs/schema.graphql.
 */
export const DEVICE_AUDIT_QUERY =
  'query ($limit: Int!) { events(limit: $limit) { number type at nodeId name actor address reason } }'

/** Types that a newer broker has are words that this release does not know. */
export const deviceAuditReply = z.object({
  data: z.object({
    events: z.array(
      z.object({
        number: z.number().int(),
        type: z.string(),
        at: z.number().int().nonnegative(),
        nodeId: z.string().nullable(),
        name: z.string().nullable().optional(),
        actor: z.string().optional(),
        address: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  }),
})
export type DeviceAuditEvent = z.output<typeof deviceAuditReply>['data']['events'][number]
