interface Stops {
  readonly onInterrupt: () => void
  /** SIGTERM, and the terminal's end */
  readonly onTerminate: () => void
  /** synchronous: the process is about to be gone */
  readonly onExit: () => void
}

/** Waits for `ended`; until then this process's signals go to `stops`. */
export async function untilStopped<T>(ended: Promise<T>, stops: Stops): Promise<T> {
  const { onInterrupt, onTerminate, onExit } = stops
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate).on('exit', onExit)
  try {
    return await ended
  } finally {
    process
      .off('SIGINT', onInterrupt)
      .off('SIGTERM', onTerminate)
      .off('SIGHUP', onTerminate)
      .off('exit', onExit)
  }
}
