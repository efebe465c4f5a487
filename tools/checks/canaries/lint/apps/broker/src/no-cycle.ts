import { there } from './no-cycle-there.ts'
export const here = (): unknown => there
