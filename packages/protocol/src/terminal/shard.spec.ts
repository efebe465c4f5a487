import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { shardOf } from './shard.ts'

it('the shard of a runner is the first eight digits of its digest, whatever its id is made of', () => {
  for (const runnerId of ['6o7qyuzrbme6xb4xvlptzvhw25', 'runner-1', 'läufer ✓'])
    expect(shardOf(runnerId)).toBe(createHash('sha256').update(runnerId).digest('hex').slice(0, 8))
})
