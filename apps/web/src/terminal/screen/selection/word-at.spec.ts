import { expect, test } from 'vitest'
import { opensOf, wordAt, wordNear } from './word-at.ts'

/** The word at the first place where `at` stands in `text`. */
function word(text: string, at: string): string | null {
  const piece = wordAt(text, text.indexOf(at))
  return piece === null ? null : text.slice(piece.from, piece.to)
}

test.each([
  ['src/opening.ts:48:11', '  at src/opening.ts:48:11', 'opening'],
  ['src/opening.ts:48:11', '  at src/opening.ts:48:11', '48'],
  ['/usr/local/bin/node', 'which: /usr/local/bin/node.', 'local'],
  ['~/code/site', '~/code/site main x1', '~'],
  ['../a-b/c_d.txt', '(../a-b/c_d.txt)', 'c_d'],
  ['/tmp/with\\ blank/x', 'ls /tmp/with\\ blank/x y', 'blank'],
  ['menu.test.ts:3', 'failed: menu.test.ts:3', 'test'],
  ['/', 'cd / now', '/'],
  ['папка/файл.txt', 'в папка/файл.txt', 'файл'],
])('a path is selected whole: %s', (whole, text, at) => {
  expect(word(text, at)).toBe(whole)
})

test.each([
  ['https://ci.example.net/runs/8841', 'Opening https://ci.example.net/runs/8841.', 'runs'],
  ['https://en.example.org/wiki/A_(b)', 'see (https://en.example.org/wiki/A_(b)), then', 'wiki'],
  ['http://localhost:5173/?a=1&b=%20#top', '➜ http://localhost:5173/?a=1&b=%20#top │', 'a=1'],
  ['ssh://git@example.com:22/x.git', 'origin ssh://git@example.com:22/x.git (fetch)', 'example'],
])('an address is selected whole: %s', (whole, text, at) => {
  expect(word(text, at)).toBe(whole)
})

test.each([
  ['--oneline', 'git log --oneline -5', 'one'],
  ['v1.2.3', 'release v1.2.3, today', '2'],
  ['user@host', 'user@host:~$', 'host'],
  ['value', 'key=value', 'value'],
  ['Привет', 'Привет, мир', 'вет'],
  ['e\u0301te\u0301', 'l’e\u0301te\u0301', 't'],
  ['end', 'the end.', 'end'],
  ['...', 'wait ... now', '...'],
])('a word is what people call one: %s', (whole, text, at) => {
  expect(word(text, at)).toBe(whole)
})

test('a run of one sign is selected alone, and a blank is nothing', () => {
  expect(word('│ name │', '│')).toBe('│')
  expect(word('a ==== b', '=')).toBe('====')
  expect(word('a  b', ' ')).toBeNull()
  expect(wordAt('abc', 9)).toBeNull()
})

test('text without blanks is cut into its words', () => {
  expect(word('打开文件失败', '文件')).not.toBe('打开文件失败')
})

test('the finger may miss the word by a letter or two', () => {
  const near = (at: number) => {
    const piece = wordNear('  ok', at, 2)
    return piece === null ? null : [piece.from, piece.to]
  }
  expect(near(0)).toEqual([2, 4])
  expect(near(5)).toEqual([2, 4])
  expect(near(9)).toBeNull()
})

test('one address or one path opens, a sentence does not', () => {
  expect(opensOf(' https://example.com/a ')).toEqual({ what: 'link', href: 'https://example.com/a' })
  expect(opensOf('ftp://example.com/a')).toBeNull()
  expect(opensOf('javascript://example.com/%0aalert(1)')).toBeNull()
  expect(opensOf('src/a.ts:4')).toEqual({ what: 'file', path: 'src/a.ts:4' })
  expect(opensOf('/tmp/a\\ b')).toEqual({ what: 'file', path: '/tmp/a b' })
  expect(opensOf('see src/a.ts')).toBeNull()
  expect(opensOf('/')).toBeNull()
  expect(opensOf('word')).toBeNull()
})
