import { expect, it } from 'vitest'
import { readTags } from './tags.ts'

it('tags stand with spaces or commas between, each once', () => {
  expect(readTags(' lab, eu:west-1 机房，lab ')).toEqual(['lab', 'eu:west-1', '机房'])
  expect(readTags('')).toEqual([])
})

it('what is no tag is refused, and too many are', () => {
  for (const typed of ['=1+1', '-x', 'a'.repeat(33), '<b>']) expect(readTags(typed), typed).toBeNull()
  expect(readTags([...'abcdefghi'].join(' '))).toBeNull()
})
