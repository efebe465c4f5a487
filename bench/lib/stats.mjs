// Small numeric helpers.
export function pct(sorted, p) {
  if (!sorted.length) return NaN
  const i = (sorted.length - 1) * p
  const lo = Math.floor(i),
    hi = Math.ceil(i)
  return sorted[lo] + (sorted[hi] - sorted[lo]) * (i - lo)
}
export function summary(xs) {
  const s = [...xs].sort((a, b) => a - b)
  return {
    n: s.length,
    p50: pct(s, 0.5),
    p95: pct(s, 0.95),
    p99: pct(s, 0.99),
    min: s[0] ?? NaN,
    max: s[s.length - 1] ?? NaN,
  }
}
export const median = (xs) => {
  const s = xs.filter((x) => Number.isFinite(x)).sort((a, b) => a - b)
  return pct(s, 0.5)
}
export const sleep = (ms) => new Promise((r) => setTimeout(r, ms))
export function num(x, d) {
  if (x === undefined || x === null || Number.isNaN(x)) return '–'
  if (!Number.isFinite(x)) return '∞'
  if (d === undefined) d = Math.abs(x) >= 100 ? 0 : Math.abs(x) >= 10 ? 1 : 2
  return x.toFixed(d)
}
