import { z } from 'zod'

/** What the broker tells a runner about an app that a channel begins with, and the app about its channel. */
export const channelOpening = z.object({
  channel: z.number().int().min(1).max(0xffffffff),
  pid: z.string(),
  runnerId: z.string(),
  /** to the runner only: the app's public handle */
  appSessionId: z.string().optional(),
  /** to the runner only: how the app calls itself, as reported by the app */
  label: z.string().optional(),
  /** to the runner only: where the app is, as reported by the broker */
  address: z.string().optional(),
})
export type ChannelOpening = z.output<typeof channelOpening>
