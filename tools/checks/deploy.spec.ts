import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { routes } from '../../apps/broker/src/routes/routes.ts'
import { ROOT } from './repository.ts'

/** No test starts a container, so the files are read: what they promise is looked up in the repository. */
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** A broker's end: goodbyes and pending work (`apps/broker/src/broker.ts`). */
const STOP_SECONDS = 10

const asked = new Set(routes.filter(({ method }) => method === 'get').map(({ path }) => path))

describe('the image', () => {
  const dockerfile = text('deploy/Dockerfile')

  it('runs as a user that is not root, named by number, and can be built on a digest', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
    expect(bases.map(String)).toEqual(['${NODE_IMAGE}', '${NODE_IMAGE}'])
  })

  it('checks its health by a route that the broker has', () => {
    const [, path = ''] = /localhost:\$\{process\.env\.LATCHKEY_PORT\}(\/\w+)/.exec(dockerfile) ?? []
    expect(asked).toContain(path)
    expect(dockerfile).toMatch(/^ENV .*LATCHKEY_PORT=\d+/m)
  })
})

it('brokers under compose write to their data alone and gain no rights', () => {
  const service = z.looseObject({
    read_only: z.literal(true),
    cap_drop: z.tuple([z.literal('ALL')]),
    security_opt: z.tuple([z.literal('no-new-privileges:true')]),
    stop_grace_period: z.literal('15s'),
    volumes: z.tuple([z.string().endsWith(':/data')]),
  })
  const { services } = z
    .object({ services: z.record(z.string(), z.unknown()) })
    .parse(parse(text('deploy/docker-compose.yml'), { merge: true }))
  const brokers = Object.entries(services).filter(([name]) => name.startsWith('broker-'))
  expect(brokers).toHaveLength(3)
  for (const [, broker] of brokers) service.parse(broker)
})

describe('the example for Kubernetes', () => {
  const probe = z.object({ httpGet: z.object({ path: z.string() }) })
  const deployment = z.object({
    kind: z.literal('Deployment'),
    spec: z.object({
      selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
      template: z.object({
        metadata: z.object({ labels: z.record(z.string(), z.string()) }),
        spec: z.object({
          enableServiceLinks: z.literal(false),
          automountServiceAccountToken: z.literal(false),
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number().positive() }),
          volumes: z.array(z.object({ name: z.string() })),
          containers: z.tuple([
            z.object({
              env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
              startupProbe: probe,
              livenessProbe: probe,
              readinessProbe: probe,
              lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }),
              securityContext: z.object({
                readOnlyRootFilesystem: z.literal(true),
                allowPrivilegeEscalation: z.literal(false),
              }),
              volumeMounts: z.array(z.object({ name: z.string() })),
            }),
          ]),
        }),
      }),
    }),
  })
  const documents = parseAllDocuments(text('deploy/kubernetes/broker.yaml')).map((each) => each.toJS())
  const { spec } = deployment.parse(documents[0])
  const pod = spec.template.spec
  const [container] = pod.containers

  it('probes routes that the broker has, and gives its end the time that it takes', () => {
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(asked).toContain(httpGet.path)
    // Where Redis is away, the terminals that go on without it must not be cut.
    expect(container.readinessProbe.httpGet.path).not.toBe('/readyz')
    const end = container.lifecycle.preStop.sleep.seconds + STOP_SECONDS
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(end)
  })

  it('fits together: labels, selectors and volumes', () => {
    const labels = JSON.stringify(spec.template.metadata.labels)
    expect(JSON.stringify(spec.selector.matchLabels)).toBe(labels)
    const selectors = documents.slice(1).map(({ spec: { selector } }) => selector.matchLabels ?? selector)
    expect(selectors.map((each) => JSON.stringify(each))).toEqual([labels, labels])
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name))
    // A volume's own folder is root's, and the broker closes its folder to all others.
    expect(container.env).toContainEqual({ name: 'LATCHKEY_DATA_DIR', value: '/data/broker' })
  })
})

it('every alert says what happened and what to do next, under a name of its own', () => {
  const rule = z.object({
    alert: z.string(),
    expr: z.string(),
    annotations: z.object({ summary: z.string(), next: z.string() }),
  })
  const { groups } = z
    .object({ groups: z.array(z.object({ rules: z.array(rule) })) })
    .parse(parse(text('deploy/prometheus/alerts.yml')))
  const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
  expect(names.length).toBeGreaterThan(5)
  expect(new Set(names).size).toBe(names.length)
})

it('the dashboard has panels that do not lie on each other', () => {
  const place = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() })
  const { panels } = z
    .object({ panels: z.array(z.object({ id: z.number(), title: z.string(), gridPos: place })) })
    .parse(JSON.parse(text('deploy/grafana/latchkey.json')))
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length)
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
})
