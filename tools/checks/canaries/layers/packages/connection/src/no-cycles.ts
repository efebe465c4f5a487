import { there } from './no-cycles-there.ts'

export const here = () => there
