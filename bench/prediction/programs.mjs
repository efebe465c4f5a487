// What persons type at real programs, drawn from a seed. A key is { text, secret }.
import { fileURLToPath } from 'node:url'

/** Numbers between 0 and 1 from a seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const WORDS =
  'git status commit push branch main src test build config server index report data 2026 v1.2 x y'.split(' ')

const pick = (random, list) => list[Math.floor(random() * list.length)]
const keys = (text, secret = false) => [...text].map((each) => ({ text: each, secret }))

/** A word, now and then with a slip that is taken back. */
function word(random) {
  const meant = pick(random, WORDS)
  if (random() > 0.15) return meant
  const slip = 1 + Math.floor(random() * 3)
  return `${meant.slice(0, 2)}${'qzj'.slice(0, slip)}${'\x7f'.repeat(slip)}${meant.slice(2)}`
}

const words = (random, most) =>
  Array.from({ length: 1 + Math.floor(random() * most) }, () => word(random)).join(' ')

/** A line at a shell; with arrows, Tab and Control keys now and then. Its commands change nothing. */
function shellLine(random) {
  const line = [
    ...keys(`${pick(random, ['echo ', 'echo -n ', ': ', 'true ', 'printf %s '])}${words(random, 5)}`),
  ]
  const at = () => Math.floor(random() * line.length)
  if (random() < 0.12) line.splice(at(), 0, { text: '\t', secret: false })
  if (random() < 0.12)
    line.push({ text: '\x1b[D', secret: false }, { text: '\x1b[D', secret: false }, ...keys('ab'))
  if (random() < 0.05) line.push({ text: '\x15', secret: false }, ...keys('echo again'))
  if (random() < 0.08) line.unshift({ text: '\x1b[A', secret: false }, { text: '\x15', secret: false })
  if (random() < 0.05) line.push({ text: '\x03', secret: false })
  return [...line, { text: '\r', secret: false }]
}

/** Letters that nothing else types: one that is drawn was a letter of a password. */
const SECRET = 'QWZXJK*'
const secret = (random) =>
  keys(Array.from({ length: 6 + Math.floor(random() * 10) }, () => pick(random, [...SECRET])).join(''), true)

/** A line, a command that asks for a password with or without a word, the password, at once or after a pause. */
const passwordLines = (random) => [
  ...shellLine(random),
  ...keys(
    pick(random, [
      "read -rsp 'Password: ' w",
      'read -rs w',
      "sleep 0.3; read -rsp 'Again: ' w",
      'sleep 0.3; read -rs w',
    ]),
  ),
  { text: '\r', secret: false, thenMs: pick(random, [0, 300]) },
  ...secret(random),
  { text: '\r', secret: true },
]

const SHELL = { file: '/bin/bash', args: ['--norc', '--noprofile', '-i'], isShell: true }

export const PROGRAMS = {
  bash: { ...SHELL, lines: shellLine, weight: 6 },
  password: { ...SHELL, lines: passwordLines, readsSecrets: true, weight: 2 },
  vim: {
    file: 'vim',
    args: ['-u', 'NONE', '-i', 'NONE', '-n', '-N'],
    lines: (random) => [
      ...keys(`${pick(random, ['i', 'a', 'o', 'A'])}${words(random, 4)}`),
      { text: '\x1b', secret: false, thenMs: 60 },
      ...keys(pick(random, ['dd', 'yy', 'p', 'u', 'w', 'b', '0', 'gg'])),
    ],
    weight: 1,
  },
  agent: {
    file: process.execPath,
    args: [fileURLToPath(new URL('./agent-like.mjs', import.meta.url))],
    lines: (random) =>
      random() < 0.15
        ? [
            ...keys('/password'),
            { text: '\r', secret: false, thenMs: 0 },
            ...secret(random),
            { text: '\r', secret: true },
          ]
        : [...keys(words(random, 7)), { text: '\r', secret: false }],
    weight: 1,
  },
  // Measured where they are installed.
  zsh: { file: 'zsh', args: ['-f', '-i'], lines: shellLine, isShell: true, weight: 0 },
  fish: { file: 'fish', args: ['--private', '-i'], lines: shellLine, isShell: true, weight: 0 },
}
