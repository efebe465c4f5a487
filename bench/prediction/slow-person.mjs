// One program behind an emulated way, and a person at its keys, in virtual time: the program is real and answers in real time,
// but its answer arrives when the way says. The machine's word that ECHO is off is withheld, so that the guesses alone are judged.
import { spawn as spawnProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import pty from '@lydell/node-pty'
import headless from '@xterm/headless'
import { ECHO_WITHIN_MS, Predictor } from '../../apps/web/src/terminal/predict/predictor.ts'
import { viewOf } from '../../apps/web/src/terminal/screen/view-of.ts'

export const ROUND_TRIP_MS = 70
/** A program is taken to have answered when it was silent for so long. */
const SILENT_MS = 4
/** How long the first byte of an answer is waited for: to a key that is echoed, on a machine that may be busy, and to others. */
const ECHO_MS = 400
const ANSWER_MS = 10

/** Reads ECHO and ICANON of a terminal. */
function echoReader() {
  const helper = spawnProcess('/bin/sh', ['-c', 'while read -r tty; do stty -a <"$tty" 2>&1; echo .; done'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let told = ''
  let wake = () => {}
  helper.stdout.setEncoding('utf8').on('data', (text) => {
    told += text
    if (told.endsWith('\n.\n')) wake()
  })
  return {
    async hides(tty) {
      told = ''
      const heard = new Promise((resolve) => {
        wake = resolve
      })
      helper.stdin.write(`${tty}\n`)
      await heard
      return /(^|\s)-echo(\s|;|$)/.test(told) && /(^|\s)icanon(\s|;|$)/.test(told)
    },
    end: () => helper.stdin.end(),
  }
}

export async function measure(program, { keyCount, random, env, cwd }) {
  const echo = echoReader()
  const terminal = new headless.Terminal({ cols: 80, rows: 24, scrollback: 200_000, allowProposedApi: true })
  let isCursorHidden = false
  for (const final of ['h', 'l'])
    terminal.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
      if (params.includes(25)) isCursorHidden = final === 'l'
      return false
    })
  let printed = ''
  let exited = false
  const child = pty.spawn(program.file, program.args, {
    cols: 80,
    rows: 24,
    cwd,
    env,
    name: 'xterm-256color',
  })
  child.onData((text) => {
    printed += text
  })
  child.onExit(() => {
    exited = true
  })
  const answer = async (waitMs) => {
    const sinceMs = performance.now()
    let silentMs = 0
    while (silentMs < SILENT_MS && !(printed === '' && performance.now() - sinceMs >= waitMs)) {
      const before = printed.length
      await pause(1)
      silentMs = printed !== '' && printed.length === before ? silentMs + 1 : 0
    }
    const text = printed
    printed = ''
    return text
  }

  const predictor = new Predictor()
  const counts = {
    keys: 0,
    printable: 0,
    printableAtOnce: 0,
    drawn: 0,
    wrong: 0,
    longestWrongMs: 0,
    left: 0,
    whileEchoOff: 0,
    ofSecrets: 0,
  }
  let nowMs = 0
  let hides = false
  /** the cells drawn ahead now, by place and key */
  let shown = new Map()
  const events = []
  const at = (delayMs, run) => {
    const event = { atMs: nowMs + delayMs, run }
    const place = events.findLastIndex((each) => each.atMs <= event.atMs) + 1
    events.splice(place, 0, event)
  }
  const view = () => {
    const { modes, buffer } = terminal
    const mayGuess =
      buffer.active.type === 'normal' &&
      modes.bracketedPasteMode &&
      modes.mouseTrackingMode === 'none' &&
      !isCursorHidden
    return mayGuess ? viewOf(terminal) : null
  }
  const glyphAt = (x, y) => {
    const { text, isGhost } = viewOf(terminal).cell(x, y)
    return isGhost ? ' ' : text
  }
  /** Compares the cells drawn now with those of before. `byPerson`: a key of the person's took guesses away, not the screen. */
  const look = (byPerson) => {
    const drawn = predictor.drawn
    const now = new Map(
      (drawn?.cells ?? []).map((cell) => [`${drawn.y}.${cell.x}.${cell.end}`, { ...cell, y: drawn.y }]),
    )
    for (const [key, cell] of shown) {
      if (now.has(key)) continue
      const stoodMs = nowMs - cell.sinceMs
      const isWrong = !byPerson && glyphAt(cell.x, cell.y) !== cell.glyph
      if (isWrong) {
        counts.wrong++
        counts.longestWrongMs = Math.max(counts.longestWrongMs, stoodMs)
        if (process.env.LATCHKEY_SHOW_WRONG)
          console.error(JSON.stringify({ ...cell, stoodMs, is: glyphAt(cell.x, cell.y) }))
      }
      if (stoodMs > ROUND_TRIP_MS + ECHO_WITHIN_MS + 5) counts.left++
    }
    for (const [key, cell] of now) {
      const before = shown.get(key)
      if (before !== undefined) {
        now.set(key, before)
        continue
      }
      counts.drawn++
      if (hides) counts.whileEchoOff++
      if (secrets.has(cell.end)) counts.ofSecrets++
      now.set(key, { ...cell, sinceMs: nowMs })
    }
    shown = now
  }
  const secrets = new Set()
  const arrive = (text) =>
    text !== '' &&
    at(ROUND_TRIP_MS / 2 + 2, () => {
      terminal._core.writeSync(text)
      predictor.look(view(), nowMs)
      look(false)
    })
  const run = async (forMs) => {
    const untilMs = nowMs + forMs
    for (;;) {
      const wakeAtMs = Math.max(predictor.wakeAtMs ?? Number.POSITIVE_INFINITY, nowMs)
      const next = events[0]
      const nextMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, wakeAtMs)
      if (nextMs > untilMs) break
      nowMs = nextMs
      if (next !== undefined && next.atMs <= nowMs) {
        events.shift()
        await next.run()
      } else {
        predictor.look(view(), nowMs)
        look(false)
      }
    }
    nowMs = untilMs
  }

  await pause(300)
  arrive(await answer(ECHO_MS))
  await run(500)
  const encoder = new TextEncoder()
  while (counts.keys < keyCount && !exited) {
    for (const { text, secret, thenMs } of program.lines(random)) {
      const bytes = encoder.encode(text)
      if (secret) secrets.add(predictor.typedBytes + bytes.length)
      predictor.typed(bytes, view(), nowMs)
      look(true)
      const upTo = predictor.typedBytes
      counts.keys++
      if (/^[\x20-\x7f]$/.test(text) && !secret) {
        counts.printable++
        // An answer within a frame is impossible over this way: only a guess is as quick.
        if ([...shown.values()].some(({ end }) => end === upTo)) counts.printableAtOnce++
      }
      at(ROUND_TRIP_MS / 2, async () => {
        if (program.readsSecrets) hides = await echo.hides(child.ptsName)
        child.write(text)
        const told = await answer(secret ? ANSWER_MS : ECHO_MS)
        if (program.readsSecrets) hides = await echo.hides(child.ptsName)
        at(ROUND_TRIP_MS / 2, () => {
          predictor.applied(upTo, nowMs)
        })
        arrive(told)
      })
      await run(thenMs ?? 50 + Math.floor(random() * random() * 300))
      if (exited) break
    }
  }
  await run(1_000)
  counts.left += shown.size
  child.kill('SIGKILL')
  echo.end()
  return counts
}
