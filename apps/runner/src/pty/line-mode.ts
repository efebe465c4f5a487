import { type ChildProcess, spawn } from 'node:child_process'

/** How the kernel treats typed input (termios). */
export interface LineMode {
  readonly echo: boolean
  /** a line is handed over when it is whole (ICANON); a shell's own editor and full-screen programs take single keys */
  readonly canonical: boolean
}

/** Answers waited for at most; more would mean that the helper hangs. */
const ASKED_MAX = 64
/** A system without `sh` or `stty` is asked no more. */
const FAILURES_MAX = 3
const ANSWER_CHARS_MAX = 64 * 1024
const END_OF_ANSWER = '.\n'

/**
 * Reads the line mode of terminals. Node has no tcgetattr and node-pty does not hand one out, so one small shell, started when
 * first asked, runs `stty` for each question: 1.4 ms beside this process and 0.2 ms of it, where starting `stty` from here
 * would stop this process for 2 ms. It ends with its standard input, so also when this process is killed.
 */
export class LineModes {
  #helper: ChildProcess | null = null
  #waiting: ((mode: LineMode | null) => void)[] = []
  #answer = ''
  #failures = 0
  #ended = false

  /** The mode of the terminal at `path`; null when it cannot be told. */
  ask(path: string): Promise<LineMode | null> {
    if (this.#ended || this.#failures >= FAILURES_MAX || this.#waiting.length >= ASKED_MAX)
      return Promise.resolve(null)
    this.#helper ??= this.#start()
    const { stdin } = this.#helper
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      stdin?.write(`${path}\n`)
    })
  }

  end(): void {
    this.#ended = true
    this.#helper?.stdin?.end()
    this.#lost()
  }

  #start(): ChildProcess {
    const helper = spawn('/bin/sh', ['-c', 'while read -r tty; do stty -a <"$tty" 2>&1; echo .; done'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    })
    // The helper does not keep this process alive.
    helper.unref()
    helper.stdout?.setEncoding('utf8')
    helper.stdout?.on('data', (text: string) => this.#heard(text))
    const over = () => {
      if (this.#helper !== helper) return
      this.#failures += 1
      this.#helper = null
      this.#lost()
    }
    helper.on('error', over)
    helper.on('exit', over)
    helper.stdin?.on('error', over)
    return helper
  }

  #heard(text: string): void {
    this.#answer = (this.#answer + text).slice(-ANSWER_CHARS_MAX)
    for (;;) {
      const end = this.#answer.indexOf(END_OF_ANSWER)
      if (end < 0) return
      const told = this.#answer.slice(0, end)
      this.#answer = this.#answer.slice(end + END_OF_ANSWER.length)
      this.#failures = 0
      this.#waiting.shift()?.(lineModeOf(told))
    }
  }

  #lost(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#answer = ''
    for (const give of waiting) give(null)
  }
}

/** What `stty -a` says, of GNU or BSD; null when it is no such answer. */
export function lineModeOf(told: string): LineMode | null {
  const words = new Set(told.split(/[\s;]+/))
  const isOn = (name: string) => (words.has(name) ? true : words.has(`-${name}`) ? false : null)
  const [echo, canonical] = [isOn('echo'), isOn('icanon')]
  return echo === null || canonical === null ? null : { echo, canonical }
}
