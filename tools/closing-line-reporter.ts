import { writeSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { processorTimeMs } from './processor-time.mjs'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** A project of vitest.config.ts. */
interface Level {
  files: number
  /** of its first file, by the clock of this process */
  beganMs: number
  /** of the last of its files so far */
  endedMs: number
}

/**
 * The last line of a test run, for scripts: `12 passed, 0 failed`, with `, 1 skipped` when some were. Errors outside
 * tests (a file that does not load, a hook, an unhandled rejection) count as failures; so do the repository's checks,
 * which tools/run.mjs ran before (`LATCHKEY_CHECKS` = "passed failed"), and, where `CI` is set, skipped tests. Before it
 * stands how long each level took, and the processor time of everything, set-up included (`LATCHKEY_PROCESSOR_MS`).
 */
class ClosingLineReporter implements Reporter {
  #counts: Counts | null = null
  readonly #levels = new Map<string, Level>()

  onInit(vitest: { config: { watch: boolean } }): void {
    if (!vitest.config.watch) process.once('exit', () => this.#close())
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#counts = count(modules, unhandledErrors.length)
  }

  onTestModuleStart({ project }: TestModule): void {
    const nowMs = performance.now()
    const level = this.#levels.get(project.name) ?? { files: 0, beganMs: nowMs, endedMs: nowMs }
    this.#levels.set(project.name, level)
  }

  onTestModuleEnd({ project }: TestModule): void {
    const level = this.#levels.get(project.name)
    if (level === undefined) return
    level.files++
    level.endedMs = performance.now()
  }

  #close(): void {
    for (const [name, { files, beganMs, endedMs }] of this.#levels)
      if (name !== '') print(`${name}: ${files} files in ${minutes(endedMs - beganMs)}`)
    const processorMs = processorTimeMs()
    if (processorMs !== null)
      print(
        `processor time: ${minutes(processorMs + Number(process.env['LATCHKEY_PROCESSOR_MS'] ?? 0))}${this.#levels.has('browser') ? ' (without the browser’s own processes)' : ''}`,
      )
    // No counts: the run itself broke down before its end, and that is one failure, not none.
    const counts = this.#counts ?? { passed: 0, failed: 1, skipped: 0 }
    const skippedIsFailed = counts.skipped > 0 && isOn(process.env['CI'])
    if (skippedIsFailed) {
      print(`${counts.skipped} skipped: where CI is set, a test that could not run is a failure.`)
      counts.failed += counts.skipped
      counts.skipped = 0
    }
    // A run that failed without a failed test (no file matched, a setting was wrong) must not read as if all was well.
    if (process.exitCode && counts.failed === 0) counts.failed = 1
    if (counts.failed > 0 && !process.exitCode) process.exitCode = 1
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    print(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
  }
}

/** `2 min 7 s` */
function minutes(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function count(modules: readonly TestModule[], unhandledCount: number): Counts {
  const [checksPassed = 0, checksFailed = 0] = (process.env['LATCHKEY_CHECKS'] ?? '').split(' ').map(Number)
  const counts = { passed: checksPassed, failed: checksFailed + unhandledCount, skipped: 0 }
  for (const module of modules) {
    counts.failed += module.errors().length
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // Still pending at the end of the run: it was never run, whatever the reason.
      counts[state === 'pending' ? 'failed' : state] += 1
    }
  }
  return counts
}

const isOn = (value: string | undefined): boolean => !['', '0', 'false', undefined].includes(value)

/** Synchronous: on `exit` nothing later would be written any more. */
function print(line: string): void {
  try {
    writeSync(1, `${line}\n`)
  } catch {
    process.stdout.write(`${line}\n`)
  }
}

// Vitest takes a reporter from the default export only.
export default ClosingLineReporter
