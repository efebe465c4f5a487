import type { LinkHistogram, LinkingCounters, LinkSample } from '../linking/link-counters.ts'

type Labels = LinkSample['labels']

/** What linking counts, as Prometheus reads it. */
export function linkingText(counters: LinkingCounters): string {
  const samples = byName(counters.samples()).flatMap(([name, each]) => [
    `# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`,
    ...each.map(({ labels, value }) => line(name, labels, value)),
  ])
  const histograms = byName(counters.histograms()).flatMap(([name, each]) => [
    `# TYPE ${name} histogram`,
    ...each.flatMap(histogramLines),
  ])
  return [...samples, ...histograms].map((text) => `${text}\n`).join('')
}

function byName<T extends { readonly name: string }>(
  all: readonly T[],
): readonly (readonly [string, readonly T[]])[] {
  const names = new Set(all.map(({ name }) => name))
  return [...names].map((name) => [name, all.filter((each) => each.name === name)])
}

function histogramLines({
  name,
  labels,
  bounds,
  counts,
  sum,
}: LinkHistogram & { name: string; labels: Labels }) {
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    return line(`${name}_bucket`, { ...labels, le: String(bounds[index] ?? '+Inf') }, total)
  })
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)]
}

/** Labels are words of closed lists, so none has to be escaped. */
function line(name: string, labels: Labels, value: number): string {
  const told = Object.entries(labels).map(([label, word]) => `${label}="${word}"`)
  return `${name}${told.length === 0 ? '' : `{${told.join(',')}}`} ${value}`
}
