import { expect, test } from 'vitest'
import { eventsIn } from './event-stream.ts'

const streamOf = (chunks: readonly string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })

async function read(...chunks: string[]): Promise<string[]> {
  const seen: string[] = []
  for await (const data of eventsIn(streamOf(chunks), () => {})) seen.push(data)
  return seen
}

test('events are read however the network cuts them', async () => {
  expect(await read('da', 'ta: {"a"', ':1}\n', '\nda', 'ta: 2\n\n')).toEqual(['{"a":1}', '2'])
  expect(await read('data: й\n\n'.slice(0, 7), 'data: й\n\n'.slice(7))).toEqual(['й'])
})

test('comments say nothing, but that somebody is there', async () => {
  let heard = 0
  const seen: string[] = []
  for await (const data of eventsIn(streamOf([': still here\n\n', 'data: 1\n\n']), () => heard++))
    seen.push(data)
  expect([seen, heard]).toEqual([['1'], 2])
})

test('several lines are one event, and line ends of other systems are line ends', async () => {
  expect(await read('data: a\r\ndata: b\r\n\r\n')).toEqual(['a\nb'])
})

test('an event that is cut off is none', async () => {
  expect(await read('data: whole\n\ndata: ha')).toEqual(['whole'])
})

test('an event without an end is not kept for ever', async () => {
  expect(await read('data: 1\n\n', 'x'.repeat(70_000), '\n\ndata: 2\n\n')).toEqual(['1'])
})
