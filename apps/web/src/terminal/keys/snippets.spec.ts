import { expect, test } from 'vitest'
import { isDestructive, SNIPPETS_MAX, type Snippet, snippetsIn, withSnippet } from './snippets.ts'

const SNIPPET: Snippet = { id: 'a', name: 'status', text: 'git status', enter: true, twice: false }

test.each([
  'rm -rf build',
  'rm -r x',
  'sudo rm -fr /tmp/x',
  'git reset --hard HEAD~1',
  'git push origin main --force',
  'git push -f',
  'git clean -fdx',
  'kubectl delete pod x',
  'sudo reboot',
  'pkill node',
  'dd if=a of=/dev/sda',
  'DROP TABLE users;',
  ':q!',
  'echo x > /etc/hosts',
])('text that throws something away asks for a second tap: %s', (text) => {
  expect(isDestructive(text)).toBe(true)
})

test.each([
  'git status',
  'npm run format',
  'git push',
  'ls > list.txt',
  'charm -f x',
  ':w',
  'echo $(rmdir x)',
])('other text does not: %s', (text) => {
  expect(isDestructive(text)).toBe(false)
})

test('stored snippets are read again, and other entries are left out', () => {
  expect(snippetsIn(JSON.stringify([SNIPPET]))).toEqual([SNIPPET])
  expect(snippetsIn(JSON.stringify([SNIPPET, { id: 'b' }, null, 4, { ...SNIPPET, text: '' }]))).toEqual([
    SNIPPET,
  ])
  for (const text of [null, '', '{', '{}', '"x"']) expect(snippetsIn(text)).toEqual([])
})

test('a snippet is changed in its place, and there is an end to them', () => {
  const other = { ...SNIPPET, id: 'b' }
  expect(withSnippet([SNIPPET, other], { ...SNIPPET, name: 'st' })?.map(({ name }) => name)).toEqual([
    'st',
    'status',
  ])
  const many = Array.from({ length: SNIPPETS_MAX }, (_, at) => ({ ...SNIPPET, id: String(at) }))
  expect(withSnippet(many, { ...SNIPPET, id: 'new' })).toBeNull()
  expect(withSnippet(many, { ...SNIPPET, id: '3' })).toHaveLength(SNIPPETS_MAX)
})
