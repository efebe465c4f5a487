import type { here } from './no-cycles.ts'

export const there = (next: typeof here) => next
