import { z } from 'zod'

/** What `latchkey doctor` asks a broker to see what lies on the way to it. */

/** Random, in base64url: names one run of the doctor, and is in the URL that it shows. */
export const visitMark = z.string().regex(/^[\w-]{16,64}$/)

/** `GET /doctor/visits/{mark}`: whether another device has opened `/d/{mark}`. */
export const visitReply = z.object({ visited: z.boolean() })
export type VisitReply = z.output<typeof visitReply>
