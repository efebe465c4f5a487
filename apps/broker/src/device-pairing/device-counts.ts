/** What is asked of device pairing, as it is counted. */
export type DeviceStep = 'start' | 'connect' | 'verify' | 'cancel' | 'consent' | 'ask' | 'fetch' | 'revoke'

export interface DeviceCount {
  readonly step: DeviceStep
  /** `success`, or the code of the refusal: words of the wire, so there are few of them */
  readonly outcome: string
  readonly count: number
}

/** Counts what was asked of device pairing by how it was answered, since the process started. */
export class DeviceCounts {
  readonly #counts = new Map<string, DeviceCount>()

  answered(step: DeviceStep, outcome: string): void {
    const key = `${step} ${outcome}`
    this.#counts.set(key, { step, outcome, count: (this.#counts.get(key)?.count ?? 0) + 1 })
  }

  counts(): readonly DeviceCount[] {
    return [...this.#counts.values()]
  }
}
