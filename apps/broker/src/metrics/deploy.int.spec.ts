import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const FILES = ['deploy/grafana/latchkey.json', 'deploy/prometheus/alerts.yml']
const text = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')

/** The series of a kind of metric: a histogram has three. */
const seriesOf = (name: string, kind: string): readonly string[] =>
  kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name]

it.each(FILES)('every metric that %s names is one that a broker has', async (path) => {
  const broker = await testBroker()
  const answer = await fetch(`${broker.url}/metrics`, {
    headers: { authorization: `Bearer ${broker.operator}` },
  })
  const told = await answer.text()
  const known = new Set(
    [...told.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', kind = '']) => seriesOf(name, kind)),
  )
  const named = new Set(text(path).match(/\b(?:latchkey|process|wa)_[a-z_]+\b/g))
  expect(named.size).toBeGreaterThan(4)
  expect([...named].filter((name) => !known.has(name))).toEqual([])
})
