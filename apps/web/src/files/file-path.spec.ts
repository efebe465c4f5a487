import { expect, it } from 'vitest'
import { filePath, PATH } from './file-path.ts'

it.each([
  ['error in src/app.ts:48:7 now', ['src/app.ts:48:7']],
  ['see /var/log/build.log.', ['/var/log/build.log']],
  ['~/notes.md and ../x/y.', ['~/notes.md', '../x/y']],
  ['app.ts:3 failed', ['app.ts:3']],
  ['at 14:30 it was 3.5 or 1/2', ['1/2']],
  ['no path here', []],
])('%j has the paths %j', (text, paths) => {
  expect(text.match(PATH) ?? []).toEqual(paths)
})

it.each([
  ['src/app.ts:48:7', { path: 'src/app.ts', line: 48 }],
  [' ~/notes.md ', { path: '~/notes.md', line: null }],
  ['/x/a:b', { path: '/x/a:b', line: null }],
])('%j is %j', (text, path) => {
  expect(filePath(text)).toEqual(path)
})
