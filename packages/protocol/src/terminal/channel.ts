import { z } from 'zod'
import { textOf } from '../bytes.ts'
import { received } from '../call.ts'
import type { Frame } from './frames.ts'

/** The broker's word on a new channel, to the runner about the app and to the app about its channel. */
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

/** The opening in an `open` or `opened` frame; null when it is malformed, or about another channel than the frame's. */
export function readOpening({ channel, payload }: Frame): ChannelOpening | null {
  let said: unknown
  try {
    said = JSON.parse(textOf(payload) ?? '')
  } catch {
    return null
  }
  const opening = received(channelOpening, said)
  return opening?.channel === channel ? opening : null
}
