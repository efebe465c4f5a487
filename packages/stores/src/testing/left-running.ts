/** Something that a test started outside its own process, and that must not outlive its file. */
export interface Stoppable {
  stop(): Promise<unknown>
}

/**
 * The processes that run now. A test that fails half-way does not come to its `stop`: test/each-file.ts stops the rest
 * after each file. A hook registered here would run after the first file only, since files of one worker share their
 * modules.
 */
export const leftRunning = new Set<Stoppable>()

/** Stops all that is left. */
export async function stopLeftRunning(): Promise<void> {
  await Promise.all([...leftRunning].map((each) => each.stop()))
}
