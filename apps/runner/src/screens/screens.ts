import { Worker } from 'node:worker_threads'
import type { FromScreens, Picture, ToScreens } from './screen-messages.ts'

/** Beyond this much output not yet drawn its PTY waits; it goes on at half of it. */
export const UNDRAWN_BYTES_MAX = 8 * 1024 * 1024

/**
 * Small output waits this long for its drawing: waking the other thread while the echo of a key is on its way makes that echo
 * slower where cores are few. A program that asks its terminal something is answered by so much later.
 */
const DRAW_AFTER_MS = 3
const DRAW_AT_ONCE_BYTES = 16 * 1024

/** The main thread's handle on one terminal's screen. Everything takes effect in the order of the calls. */
export interface ScreenHandle {
  /** Draws `bytes`, whose buffer changes hands: the caller has no use of it any more. */
  output(bytes: Uint8Array<ArrayBuffer>): void
  resize(cols: number, rows: number): void
  /** It is drawn light or dark from now on. */
  scheme(isLight: boolean): void
  /** `give` is called unless the screen is closed before. */
  snapshot(give: (picture: Picture) => void): void
  /** Gives the text of its rows, joined by line feeds, in place of a picture's bytes. */
  rows(give: (picture: Picture) => void): void
  /** Remembers under a number of the caller's where the screen begins now. */
  mark(number: number): void
  /** @param since the mark above which nothing is told; null for none */
  scrollback(lines: number, since: number | null, give: (picture: Picture) => void): void
  /** Gives what `open` takes as `packed`, in place of a picture's bytes. */
  pack(give: (picture: Picture) => void): void
  /** output handed over and not drawn yet */
  readonly undrawnBytes: number
  close(): void
}

/** How a screen begins. */
export interface ScreenBeginning {
  readonly cols: number
  readonly rows: number
  /** offset of the first byte of output that it is given */
  readonly at: number
  /** output below this offset was printed before this runner began */
  readonly printedAt: number
  /** what another screen of this size packed there; null for an empty one */
  readonly packed: Uint8Array | null
  /** whether it is drawn light */
  readonly isLight: boolean
}

export interface ScreenEvents {
  /** everything below `upTo` has been drawn */
  onDrawn(upTo: number): void
  /** the terminal's own answer, to be typed into the PTY */
  onReply(text: string): void
  /** what a program asked to be told of: to be typed as well, but no answer to its output */
  onReport(text: string): void
}

/** All screens of a runner, in one thread of their own. */
export interface Screens {
  open(beginning: ScreenBeginning, events: ScreenEvents): ScreenHandle
  stop(): Promise<void>
}

interface OpenScreen {
  readonly events: ScreenEvents
  readonly waiting: Map<number, (picture: Picture) => void>
  given: number
  drawn: number
}

/** Without screens the thread ends after so long: its memory, some 40 MB, is given back. It starts again in a tenth of a second. */
const THREAD_IDLE_MS = 5_000
/** V8's own choice is 48. Lines of a screen live long, and all else dies at once. */
const YOUNG_MB_MAX = 8

/**
 * @param onFailure the thread died, which no screen survives: the runner has to end
 * @param onIdle no screen was wanted for a while
 */
export function startScreens(onFailure: (problem: Error) => void, onIdle: () => void = () => {}): Screens {
  const open = new Map<number, OpenScreen>()
  let thread: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let next = 1
  const start = (): Worker => {
    const worker = startThread()
    worker.on('error', onFailure)
    worker.on('exit', () => {
      if (worker === thread) onFailure(new Error('the thread of the screens ended'))
    })
    worker.on('message', (message: FromScreens) => {
      const screen = open.get(message.screen)
      if (screen !== undefined) hear(screen, message)
    })
    return worker
  }
  const tell = (message: ToScreens, handedOver: readonly ArrayBuffer[] = []) =>
    thread?.postMessage(message, [...handedOver])
  const stop = async () => {
    if (idle !== null) clearTimeout(idle)
    const ending = thread
    thread = null
    await ending?.terminate()
  }
  const forget = (id: number) => {
    open.delete(id)
    if (idle !== null) clearTimeout(idle)
    idle = setTimeout(() => open.size === 0 && void stop().then(onIdle), THREAD_IDLE_MS).unref()
  }
  return {
    open(beginning, events) {
      const id = next++
      const screen: OpenScreen = { events, waiting: new Map(), given: beginning.at, drawn: beginning.at }
      open.set(id, screen)
      thread ??= start()
      tell({ type: 'open', screen: id, ...beginning })
      return handle(id, screen, tell, () => forget(id))
    },
    async stop() {
      open.clear()
      await stop()
    },
  }
}

function startThread(): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new Worker(new URL(`./screen-worker.${ending}`, import.meta.url), {
    // No arguments of the main thread: a runner under a test or a debugger has some that a worker refuses.
    execArgv: [],
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX },
  })
}

function handle(
  id: number,
  screen: OpenScreen,
  tell: (message: ToScreens, handedOver?: readonly ArrayBuffer[]) => void,
  forget: () => void,
): ScreenHandle {
  let requests = 0
  let undelivered: Uint8Array<ArrayBuffer>[] = []
  let undeliveredBytes = 0
  let timer: NodeJS.Timeout | null = null
  const deliver = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    for (const bytes of undelivered) tell({ type: 'output', screen: id, bytes }, [bytes.buffer])
    undelivered = []
    undeliveredBytes = 0
  }
  /** Other messages keep their place among the output. */
  const tellInOrder = (message: ToScreens) => {
    deliver()
    tell(message)
  }
  const ask = (give: (picture: Picture) => void): number => {
    screen.waiting.set(++requests, give)
    return requests
  }
  return {
    output: (bytes) => {
      screen.given += bytes.length
      undelivered.push(bytes)
      undeliveredBytes += bytes.length
      if (undeliveredBytes >= DRAW_AT_ONCE_BYTES) deliver()
      else timer ??= setTimeout(deliver, DRAW_AFTER_MS)
    },
    resize: (cols, rows) => tellInOrder({ type: 'resize', screen: id, cols, rows }),
    scheme: (isLight) => tellInOrder({ type: 'scheme', screen: id, isLight }),
    snapshot: (give) => tellInOrder({ type: 'snapshot', screen: id, request: ask(give) }),
    rows: (give) => tellInOrder({ type: 'rows', screen: id, request: ask(give) }),
    pack: (give) => tellInOrder({ type: 'pack', screen: id, request: ask(give) }),
    mark: (mark) => tellInOrder({ type: 'mark', screen: id, mark }),
    scrollback: (lines, since, give) =>
      tellInOrder({ type: 'scrollback', screen: id, request: ask(give), lines, since }),
    get undrawnBytes() {
      return screen.given - screen.drawn
    },
    close: () => {
      if (timer !== null) clearTimeout(timer)
      undelivered = []
      screen.waiting.clear()
      forget()
      tell({ type: 'close', screen: id })
    },
  }
}

function hear(screen: OpenScreen, message: FromScreens): void {
  switch (message.type) {
    case 'drawn':
      screen.drawn = message.upTo
      return screen.events.onDrawn(message.upTo)
    case 'reply':
      return screen.events.onReply(message.text)
    case 'report':
      return screen.events.onReport(message.text)
    case 'picture': {
      const give = screen.waiting.get(message.request)
      screen.waiting.delete(message.request)
      return give?.(message)
    }
  }
}
