import { seal } from '../../../packages/e2ee/src/seal.ts'

export const passedOn = seal
