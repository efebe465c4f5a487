import { wire } from '../../protocol/src/wire.ts'

export const planted = wire
