import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchOnFreePort } from './free-port.ts'
import { leftRunning } from './left-running.ts'

/** A sentinel that is as quick as it can be: it holds a server for gone after half a second. */
export interface RedisSentinel {
  readonly port: number
  stop(): Promise<void>
}

const START_WAIT_MS = 15_000

/** Starts a sentinel that watches the primary at `primaryPort` under `name`, and decides alone. */
export async function startRedisSentinel(name: string, primaryPort: number): Promise<RedisSentinel> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-sentinel-'))
  const { child, port } = await launchOnFreePort(async (tried) => {
    const file = join(folder, 'sentinel.conf')
    writeFileSync(
      file,
      [
        `port ${tried}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 1`,
        `sentinel down-after-milliseconds ${name} 500`,
        `sentinel failover-timeout ${name} 2000`,
        '',
      ].join('\n'),
    )
    const started = spawn('redis-server', [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'pipe'] })
    await new Promise<void>((resolve, reject) => {
      let told = ''
      const late = setTimeout(() => reject(new Error(`the sentinel did not start:\n${told}`)), START_WAIT_MS)
      started.stdout.on('data', (bytes: Buffer) => {
        told += bytes.toString()
        if (!told.includes('+monitor master')) return
        clearTimeout(late)
        resolve()
      })
      started.once('error', reject)
    })
    return started
  })
  const sentinel: RedisSentinel = {
    port,
    async stop() {
      leftRunning.delete(sentinel)
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
  leftRunning.add(sentinel)
  return sentinel
}
