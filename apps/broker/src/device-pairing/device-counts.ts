/** The requests of device pairing, as they are counted. */
export type DeviceStep =
  | 'start'
  | 'connect'
  | 'verify'
  | 'cancel'
  | 'consent'
  | 'ask'
  | 'fetch'
  | 'revoke'
  | 'key'

export interface DeviceCount {
  readonly step: DeviceStep
  /** `success`, or the code of the refusal: words of the wire, so there are few of them */
  readonly outcome: string
  readonly count: number
}

/** Counts the requests of device pairing by their outcome, since the process started. */
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
