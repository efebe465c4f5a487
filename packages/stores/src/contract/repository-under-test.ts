import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'

/** One adapter under test, on data of its own. */
export interface RepositoryUnderTest {
  readonly repository: PairingRepository
  /** the same data as another process has it; the same object where there is no other */
  readonly elsewhere: PairingRepository
  /** closes it and opens the same data again; null where there is nothing to come back to */
  readonly reopen: (() => Promise<PairingRepository>) | null
  readonly dispose: () => Promise<void>
}
