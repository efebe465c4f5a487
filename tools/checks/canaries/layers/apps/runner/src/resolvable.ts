import { gone } from './no-such-file.ts'

export const planted = gone
