import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { FileRefusal } from '@latchkey/protocol/terminal/files'
import type { FeatureBytes } from '@latchkey/protocol/terminal/streams'
import type { FeatureVoice } from './link-feature.ts'

/** SHA-256 over bytes that come one after the other; the platform has it. */
export interface Digest {
  update(bytes: Uint8Array): void
  hex(): string
}

/** Why a file does not go: the machine's reason, or that this end could not read or write its own. */
export type TransferRefusal = FileRefusal | 'OWN_FILE'

/** A file on its way, over any number of channels. */
export interface FileTransfer {
  readonly number: number
  readonly isOver: boolean
  /** A channel is open: begins, or goes on. */
  begin(voice: FeatureVoice): void
  lost(): void
  hear(message: RunnerFeatureMessage): void
  /** False when the bytes make no sense. */
  take(bytes: FeatureBytes): boolean
  pump(): void
}

export const messageOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : String(problem)
