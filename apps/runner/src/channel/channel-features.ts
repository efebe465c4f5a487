import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { FeatureBytes } from '@latchkey/protocol/terminal/streams'
import type { AppFeature, ChannelFeature, FeatureApp } from './feature.ts'

/** The features of one channel: each message and each stream goes to the one it belongs to. */
export class ChannelFeatures {
  readonly #joined = new Map<ChannelFeature, AppFeature>()

  /** `named`: what the app said in its hello. */
  join(features: readonly ChannelFeature[], named: readonly string[], app: FeatureApp): void {
    for (const feature of features)
      if (named.includes(feature.name)) this.#joined.set(feature, feature.joined(app))
  }

  /** A message of a feature that the app did not name is passed over. */
  hear(message: AppFeatureMessage): void {
    for (const [feature, joined] of this.#joined)
      if (feature.hears.has(message.type)) return joined.hear(message)
  }

  /** False when the stream belongs to no feature of this channel, or its bytes make no sense. */
  take(bytes: FeatureBytes): boolean {
    for (const [feature, joined] of this.#joined)
      if (feature.streams.has(bytes.stream)) return joined.take?.(bytes) ?? false
    return false
  }

  resumed(): void {
    for (const joined of this.#joined.values()) joined.resumed?.()
  }

  left(): void {
    for (const joined of this.#joined.values()) joined.left()
    this.#joined.clear()
  }
}
