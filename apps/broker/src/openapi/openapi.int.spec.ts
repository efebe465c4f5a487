import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { routes } from '../routes/routes.ts'
import { ask } from '../testing/device.ts'
import { cleanUp, testBroker } from '../testing/harness.ts'
import { openApiDocument } from './openapi-document.ts'

afterEach(cleanUp)

/** What the controllers say they answer. */
function answered(): string[] {
  const source = join(import.meta.dirname, '..')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.controller.ts'),
  )
  return files.flatMap((path) => {
    const text = readFileSync(join(source, path), 'utf8')
    return [...text.matchAll(/^ {2}@Answers\('([^']*)'\)$/gm)].map(([, name = '']) => name)
  })
}

it('every route of a controller is described, and every one that is described is there', () => {
  const described = routes.map(({ method, path }) => `${method} ${path}`)
  expect(described.toSorted()).toEqual(answered().toSorted())
})

it('the broker answers what the document promises, and hands out the document itself', async () => {
  const broker = await testBroker()
  const { body } = await ask(broker, 'GET', '/openapi.json')
  expect(body).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  for (const { method, path, by, tag } of routes) {
    if (tag === 'linking') continue // where it is switched on
    const concrete = path.replace(/\{\w+\}/g, 'a'.repeat(26))
    const stop = new AbortController()
    const response = await fetch(`${broker.url}${concrete}`, {
      method: method.toUpperCase(),
      signal: stop.signal,
    })
    const said: { readonly code?: string } = await response.json().catch(() => ({}))
    stop.abort()
    expect(said.code, `${method} ${path}`).not.toBe('NOT_FOUND')
    expect(by === 'anybody' || response.status === 401, `${method} ${path}`).toBe(true)
  }
})
