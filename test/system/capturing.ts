import { createServer, connect as dial } from 'node:net'
import { atCleanUp } from '../../apps/broker/src/testing/harness.ts'

/** A TCP way to a broker that keeps every byte of every connection, both ways. */
export async function capturing(
  port: number,
): Promise<{ readonly url: string; readonly captured: () => Buffer }> {
  const kept: Buffer[] = []
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        kept.push(bytes)
        to.write(bytes)
      })
      from.on('close', () => to.destroy())
      from.on('error', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atCleanUp(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, captured: () => Buffer.concat(kept) }
}
