import type { PushTestStep } from '@latchkey/connection/app/push-feature'
import type { Cancel } from '@latchkey/connection/transport'
import { useEffect, useReducer, useRef } from 'preact/hooks'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { called, subscribeAnew } from './called.ts'
import { endpointDigest } from './endpoint-digest.ts'
import { type TestEvent, type TestLine, testAfter } from './push-test.ts'

const SHOWN_WITHIN_MS = 30_000
/** A machine that is online has been reached by then, and has written down a new subscription. */
const TOLD_WITHIN_MS = 8_000

/** A test of the whole way, run by the first machine that can call. */
export interface PushTest {
  readonly lines: readonly TestLine[]
  /** the name of the machine that ran it; empty before */
  readonly machine: string
  run(): void
}

export function usePushTest(): PushTest {
  const [lines, tell] = useReducer<readonly TestLine[], TestEvent>(testAfter, [])
  const machine = useRef('')
  const end = useRef(() => {})
  useEffect(() => () => end.current(), [])
  const run = () => {
    end.current()
    const test = new Run(tell, (name) => {
      machine.current = name
    })
    end.current = () => test.end()
    void test.begin()
  }
  return { lines, machine: machine.current, run }
}

/** One press of the button. */
class Run {
  readonly #id = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
  readonly #tell: (event: TestEvent) => void
  readonly #named: (machine: string) => void
  readonly #hear = ({ data }: MessageEvent<unknown>): void => {
    const isThis = typeof data === 'object' && data !== null && 'shown' in data && data.shown === this.#id
    if (!isThis) return
    this.#isShown = true
    this.#shown()
  }
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAgain = false
  #endpoint = ''
  #isOver = false
  #takenAtMs = 0
  #isShown = false

  constructor(tell: (event: TestEvent) => void, named: (machine: string) => void) {
    this.#tell = (event) => {
      if (!this.#isOver) tell(event)
    }
    this.#named = named
    navigator.serviceWorker.addEventListener('message', this.#hear)
  }

  async begin(): Promise<void> {
    this.#tell({ type: 'begun' })
    this.#endpoint = called.current?.endpoint ?? ''
    const found = await callingMachine()
    if (found === null) return this.#failed('no-machine')
    this.#named(found.link.machine.current?.name ?? '')
    this.#tell({ type: 'begun' })
    found.push.test(this.#id, (step) => void this.#heard(step))
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    navigator.serviceWorker.removeEventListener('message', this.#hear)
  }

  async #heard(step: PushTestStep | null): Promise<void> {
    if (step === null) return this.#failed('lost')
    this.#tell({ type: 'step', step, atMs: Date.now() })
    if (step.outcome === 'taken') {
      this.#takenAtMs = Date.now()
      if (this.#isShown) return this.#shown()
      this.#timer = setTimeout(() => this.#failed('not-shown'), SHOWN_WITHIN_MS)
    } else if (step.outcome === 'gone' && !this.#isAgain) await this.#anew()
    else if (step.step === 'sent') this.end()
  }

  async #anew(): Promise<void> {
    this.#isAgain = true
    this.#tell({ type: 'anew' })
    if (await subscribeAnew(this.#endpoint)) await this.begin()
    else this.end()
  }

  /** The banner may come before the answer that says that it was sent. */
  #shown(): void {
    if (this.#takenAtMs === 0) return
    this.#tell({ type: 'shown', atMs: Date.now(), tookMs: Date.now() - this.#takenAtMs })
    this.end()
  }

  #failed(why: 'no-machine' | 'lost' | 'not-shown'): void {
    this.#tell({ type: 'failed', why })
    this.end()
  }
}

/** The first machine that has this browser's present subscription; null when none says so in time. */
async function callingMachine(): Promise<OpenLink | null> {
  const own = called.current
  if (own === null) return null
  const digest = await endpointDigest(own.endpoint)
  return new Promise((resolve) => {
    const ends: Cancel[] = []
    const settle = (found: OpenLink | null) => {
      clearTimeout(timer)
      for (const end of ends) end()
      resolve(found)
    }
    const look = () => {
      const found = [...openLinks.current.values()].find(
        ({ push }) => push.isOffered.current === true && push.standing.current?.endpoint === digest,
      )
      if (found !== undefined) settle(found)
    }
    const timer = setTimeout(() => settle(null), TOLD_WITHIN_MS)
    for (const { push } of openLinks.current.values()) ends.push(push.standing.subscribe(look))
    look()
  })
}
