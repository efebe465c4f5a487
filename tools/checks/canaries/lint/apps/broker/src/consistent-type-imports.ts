import { Stats } from 'node:fs'
export type Planted = Stats
