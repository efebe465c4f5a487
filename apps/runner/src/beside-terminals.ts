import { join } from 'node:path'
import type { ChannelFeature } from './channel/feature.ts'
import { FILE_MIB_MAX, filesFeature } from './files/files.ts'
import { TransferLog } from './files/transfer-log.ts'

export interface BesideOptions {
  /** absent: nothing outlives the process, and no files are exchanged */
  readonly stateFolder?: string
  /** the largest file that an app may send; 0: no files at all */
  readonly fileMibMax?: number
  /** a sentence for the owner */
  readonly onTrouble: (message: string) => void
}

/** What a runner with these options offers beside its terminals. */
export function besideTerminals(options: BesideOptions): readonly ChannelFeature[] {
  const { stateFolder, fileMibMax = FILE_MIB_MAX, onTrouble } = options
  if (stateFolder === undefined) return []
  const log = new TransferLog(join(stateFolder, 'transfers.log'), onTrouble)
  const nowMs = () => Date.now()
  return fileMibMax === 0
    ? []
    : [filesFeature({ stateFolder, bytesMax: fileMibMax * 1024 * 1024, log, nowMs })]
}
