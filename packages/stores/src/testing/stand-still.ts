/** Nothing of this process goes on for so long, as on a machine that has no time for it. */
export function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
