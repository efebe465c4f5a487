import { here } from './no-cycle.ts'
export const there = (): unknown => here
