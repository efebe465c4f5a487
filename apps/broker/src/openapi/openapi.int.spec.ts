import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { routes } from '../routes/routes.ts'
import { ask } from '../testing/device.ts'
import { cleanUp, testBroker } from '../testing/harness.ts'
import { openApiDocument } from './openapi-document.ts'

afterEach(cleanUp)

/** The pages: one file for people, which finds its way by the path. */
const PAGES = /^\/(p|console|join|approve|link-whatsapp|wa)?$/

/** What the controllers say they answer, as their decorators have it. */
function answered(): string[] {
  const source = join(import.meta.dirname, '..')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.controller.ts'),
  )
  return files.flatMap((path) => {
    const text = readFileSync(join(source, path), 'utf8')
    const prefix = /@Controller\('([^']*)'\)/.exec(text)?.[1] ?? ''
    return [...text.matchAll(/^ {2}@(Get|Post|Patch|Delete)\((.*)\)$/gm)].flatMap(([, method, said = '']) => {
      const paths = said === '' ? [''] : [...said.matchAll(/'([^']*)'/g)].map(([, each = '']) => each)
      return paths
        .map((each) => `/${[prefix, each.replace(/^\//, '')].filter((part) => part !== '').join('/')}`)
        .filter((each) => !PAGES.test(each))
        .map((each) => `${method?.toLowerCase()} ${each.replace(/:(\w+)/g, '{$1}')}`)
    })
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
