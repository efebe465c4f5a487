import type { AppMessage, FeatureName, RunnerFeatureMessage } from '@latchkey/protocol/terminal/messages'

/** What a feature may say to the machine, for as long as one channel is open. */
export interface FeatureVoice {
  say(message: AppMessage): void
}

/** Something that an app does with a machine beside its terminals. */
export interface LinkFeature {
  readonly name: FeatureName
  readonly hears: ReadonlySet<RunnerFeatureMessage['type']>
  /** A channel is open, and the machine offers this feature. What it tells of the feature follows. */
  offered(voice: FeatureVoice): void
  hear(message: RunnerFeatureMessage): void
  /** The channel is lost; another `offered` may follow. */
  lost(): void
}
