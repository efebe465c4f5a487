import { expect, it } from 'vitest'
import { blocksOf } from './markdown.tsx'

it('a text is read as the blocks that a person sees', () => {
  expect(
    blocksOf('# Hours\n\nWe *open*\nlate.\n\n- one\n- two\n\n> said\n\n```\n# no heading\n```\n1. first'),
  ).toEqual([
    { kind: 'heading', level: 1, text: 'Hours' },
    { kind: 'paragraph', text: 'We *open*\nlate.' },
    { kind: 'list', ordered: false, items: ['one', 'two'] },
    { kind: 'quote', text: 'said' },
    { kind: 'code', text: '# no heading' },
    { kind: 'list', ordered: true, items: ['first'] },
  ])
})

it('HTML stays text, and a fence without an end takes the rest', () => {
  expect(blocksOf('<script>alert(1)</script>')).toEqual([
    { kind: 'paragraph', text: '<script>alert(1)</script>' },
  ])
  expect(blocksOf('```\nx')).toEqual([{ kind: 'code', text: 'x' }])
})
