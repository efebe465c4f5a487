import { onlyForTests } from './runner.spec.ts'

export const planted = onlyForTests
