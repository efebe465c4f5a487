import { failureFields, type Log } from '../log/log.ts'

/**
 * Wraps what runs outside any caller: timers, 'disconnect' listeners, raw socket handlers. A failure there is logged; bare, it
 * would be an unhandled rejection and end the process.
 */
export const safe =
  <Args extends readonly unknown[]>(
    log: Log,
    event: string,
    run: (...args: Args) => unknown,
  ): ((...args: Args) => void) =>
  (...args) => {
    try {
      const result = run(...args)
      if (result instanceof Promise)
        result.catch((problem: unknown) => log.error(event, failureFields(problem)))
    } catch (problem) {
      log.error(event, failureFields(problem))
    }
  }
