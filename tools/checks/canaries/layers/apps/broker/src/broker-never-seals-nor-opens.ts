// Two steps away: reaching it by way of another file is reaching it.
import { passedOn } from './passing-on.ts'

export const planted = passedOn
