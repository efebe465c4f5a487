import type { FeatureName, RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import type { FeatureBytes, Stream } from '@latchkey/protocol/terminal/streams'

/** What a feature may say to the machine, for as long as one channel is open. */
export interface FeatureVoice {
  say(message: AppMessage): void
  /** Bytes on a stream of this feature; only while `writable`. */
  send(bytes: FeatureBytes): void
  /** The broker takes more, and input that was typed has been handed on: terminals go first. */
  readonly writable: boolean
  /** handed on, and not yet taken by the network */
  readonly bufferedBytes: number
}

/** Something that an app does with a machine beside its terminals. */
export interface LinkFeature {
  readonly name: FeatureName
  readonly hears: ReadonlySet<RunnerFeatureMessage['type']>
  /** the streams on which the machine sends bytes of it */
  readonly streams?: ReadonlySet<Stream>
  /** A channel is open, and the machine offers this feature. What it tells of the feature follows. */
  offered(voice: FeatureVoice): void
  hear(message: RunnerFeatureMessage): void
  /** Bytes on a stream of this feature. False when they make no sense: the channel ends. */
  take?(bytes: FeatureBytes): boolean
  /** The broker takes more again. */
  pump?(): void
  /** The channel is lost; another `offered` may follow. */
  lost(): void
}
