import { expect, it } from 'vitest'
import { latchkey, UpProcess } from './up-process.ts'

it('a self-signed broker is trusted by its own runner, and by commands that share its data directory', async () => {
  const up = new UpProcess({ args: ['--https', 'self-signed'] })
  const ready = await up.ready()
  expect(ready.url).toMatch(/^https:/)
  expect(ready.code).toMatch(/^[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}$/)

  const status = await latchkey(['status', '--json', '--data-dir', up.dataDir])
  expect(status.exitCode).toBe(0)
  expect(JSON.parse(status.stdout)).toMatchObject({ running: true, runners: [{ status: 'online' }] })
  await up.stop()
})
