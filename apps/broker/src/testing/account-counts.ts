import type { MetricObjectWithValues, MetricValue } from 'prom-client'
import type { AccountCounters } from '../accounts/account-counters.ts'

/** One metric with its series as they stand. */
type Metric = MetricObjectWithValues<MetricValue<string> & { readonly metricName?: string }>

/** Every metric of linking, in the order of their registration. */
export const metricsOf = ({ registry }: AccountCounters): Promise<Metric[]> => registry.getMetricsAsJSON()

/** Every series, as its name and labels, and its value; of a histogram, how often it was observed. */
export async function standing(counters: AccountCounters): Promise<ReadonlyMap<string, number>> {
  const metrics = await metricsOf(counters)
  return new Map(
    metrics.flatMap(({ name, values }) =>
      values
        .filter(({ metricName }) => metricName === undefined || metricName === `${name}_count`)
        .map(({ labels, value }) => [`${name} ${Object.values(labels).join(' ')}`.trim(), value] as const),
    ),
  )
}

/** The sum of one counter over all its labels. */
export async function total(counters: AccountCounters, name: string): Promise<number> {
  const found = (await metricsOf(counters)).find((metric) => metric.name === name)
  return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0)
}
