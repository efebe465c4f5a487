import type { AppFeatureMessage, FeatureName } from '@latchkey/protocol/terminal/feature-messages'
import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import type { FeatureBytes, Plaintext, Stream } from '@latchkey/protocol/terminal/streams'
import type { HostedTerminal } from '../terminal/terminal.ts'

/** What a feature sees of one app, for as long as that app's channel is open. */
export interface FeatureApp {
  /** how apps know each other; the same for all channels of one app */
  readonly app: string
  /** its id for the owner, 16 bytes in hex; null in a host without a doorkeeper */
  readonly appId: string | null
  readonly label: string
  readonly sealed: boolean
  readonly mayType: boolean
  /** may answer questions of agents */
  readonly mayApprove: boolean
  /** may send files */
  readonly maySend: boolean
  tell(message: RunnerMessage): void
  send(plaintext: Plaintext): void
  /** the broker takes no more for now */
  readonly paused: boolean
  /** the terminal of this number, if this app may see it */
  terminal(number: number): HostedTerminal | null
  /** the folder of that terminal's shell; for null, and where it is not known, the folder in which shells start */
  folder(terminal: number | null): string
}

/** One app's part of a feature. */
export interface AppFeature {
  /** Not called for a message that a relay may have held back. */
  hear(message: AppFeatureMessage): void
  /** Bytes on a stream of this feature. False when they make no sense: the channel ends. */
  take?(bytes: FeatureBytes): boolean
  /** The broker takes more again. */
  resumed?(): void
  /** The channel has ended. */
  left(): void
}

/** Something that a machine offers beside its terminals. Used by the channels of those apps that named it in their hello. */
export interface ChannelFeature {
  readonly name: FeatureName
  readonly hears: ReadonlySet<AppFeatureMessage['type']>
  readonly streams: ReadonlySet<Stream>
  /** An app that knows this feature has said hello; its welcome has been sent. */
  joined(app: FeatureApp): AppFeature
}
