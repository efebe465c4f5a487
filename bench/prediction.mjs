// The share of a person's keys that is drawn before the machine answers, over a way of 70 ms, and the wrong ones among them. Real
// programs, random keys from a seed, virtual time. Prints one line of JSON a program, and one of all.
//   LATCHKEY_PREDICTED_KEYS=100000 LATCHKEY_SEED=1 node bench/prediction.mjs [program ...]
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROGRAMS, randomFrom } from './prediction/programs.mjs'
import { measure, ROUND_TRIP_MS } from './prediction/slow-person.mjs'

const KEYS = Number(process.env.LATCHKEY_PREDICTED_KEYS ?? 2_000)
/** Persons at the keys of one kind of program at the same time, and the fewest keys of each. */
const PERSONS_MAX = 8
const KEYS_EACH_MIN = 400
const SEED = Number(process.env.LATCHKEY_SEED ?? 1)

const which = (name) => {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', name], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

/** A folder to type in, with no program that could change anything. */
const place = mkdtempSync(join(tmpdir(), 'prediction-'))
const bin = join(place, 'bin')
mkdirSync(bin)
for (const name of ['sleep', 'stty']) symlinkSync(which(name), join(bin, name))
const env = {
  ...{ PATH: bin, HOME: place, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  ...{ PS1: 'user@machine:~/work$ ', HISTFILE: '', INPUTRC: '/dev/null' },
}

function add(told, counts) {
  for (const [figure, count] of Object.entries(counts))
    told[figure] =
      figure === 'longestWrongMs' ? Math.max(told[figure] ?? 0, count) : (told[figure] ?? 0) + count
}

const wanted = process.argv.slice(2)
const chosen = Object.entries(PROGRAMS).filter(([name, { weight }]) =>
  wanted.length > 0 ? wanted.includes(name) : weight > 0,
)
const weights = chosen.reduce((sum, [, { weight }]) => sum + Math.max(1, weight), 0)
const all = []
try {
  for (const [name, program] of chosen) {
    const file = which(program.file)
    if (file === null) {
      console.log(JSON.stringify({ program: name, missing: true }))
      continue
    }
    const keyCount = Math.ceil((KEYS * Math.max(1, program.weight)) / weights)
    const told = { program: name, isShell: program.isShell === true, keys: 0 }
    // Several at once, since each mostly waits for its program. One that ended is started again: a key may have ended it.
    for (let round = 0; told.keys < keyCount && round < 1_000; round++) {
      const left = keyCount - told.keys
      const persons = Math.min(PERSONS_MAX, Math.ceil(left / KEYS_EACH_MIN))
      const measured = await Promise.all(
        Array.from({ length: persons }, (_, person) =>
          measure(
            { ...program, file },
            {
              ...{ keyCount: Math.ceil(left / persons), env, cwd: place },
              random: randomFrom(SEED * 7_919 + round * PERSONS_MAX + person),
            },
          ),
        ),
      )
      for (const counts of measured) add(told, counts)
    }
    console.log(
      JSON.stringify({ ...told, share: Number((told.printableAtOnce / told.printable).toFixed(3)) }),
    )
    all.push(told)
  }
} finally {
  rmSync(place, { recursive: true, force: true })
}
const sum = (figure, from = all) => from.reduce((total, told) => total + told[figure], 0)
const shells = all.filter(({ isShell }) => isShell)
console.log(
  JSON.stringify({
    ...{ program: 'all', seed: SEED, roundTripMs: ROUND_TRIP_MS, keys: sum('keys') },
    shareAtShells: Number((sum('printableAtOnce', shells) / sum('printable', shells)).toFixed(3)),
    shareOfAllShellKeys: Number((sum('printableAtOnce', shells) / sum('keys', shells)).toFixed(3)),
    ...{ drawn: sum('drawn'), wrong: sum('wrong'), left: sum('left') },
    longestWrongMs: Math.max(0, ...all.map(({ longestWrongMs }) => longestWrongMs)),
    ...{ whileEchoOff: sum('whileEchoOff'), ofSecrets: sum('ofSecrets') },
  }),
)
