import { it } from 'vitest'
it('asks for nothing', () => {})
