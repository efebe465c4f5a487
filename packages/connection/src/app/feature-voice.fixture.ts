import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import type { FeatureVoice } from './link-feature.ts'

/** A feature's voice that puts messages on a list. */
export const voiceTo = (said: AppMessage[]): FeatureVoice => ({
  say: (message) => void said.push(message),
  send: () => {},
  writable: true,
  bufferedBytes: 0,
})
