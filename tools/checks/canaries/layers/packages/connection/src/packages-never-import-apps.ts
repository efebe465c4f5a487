import { planted as other } from '../../../apps/broker/src/pairing/nest-in-its-places-only.ts'

export const planted = other
