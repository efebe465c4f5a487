import { planted as other } from '../../runner/src/runner.ts'

export const planted = other
