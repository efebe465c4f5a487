import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it, onTestFinished } from 'vitest'
import { loadIdentity } from '../../apps/runner/src/identity.ts'
import { questionFeature } from '../../apps/runner/src/questions/question-feature.ts'
import { connectApp } from '../../apps/runner/src/testing/app-under-test.ts'
import { machineUnderTest } from '../../apps/runner/src/testing/machine-under-test.ts'

const BIN = fileURLToPath(new URL('../../apps/cli/bin/latchkey.mjs', import.meta.url))

/** As Claude Code documents it. */
const request = JSON.stringify({
  ...{ session_id: 'abc123', cwd: '/tmp', permission_mode: 'default', hook_event_name: 'PermissionRequest' },
  ...{ tool_name: 'Bash', tool_input: { command: 'touch one', description: 'Make a file' } },
})

/** Runs the hook as an agent does. */
function hook(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [BIN, 'hook', 'claude'], {
    env: { PATH: process.env['PATH'], ...env },
  })
  const printed: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => printed.push(bytes))
  child.stdin.on('error', () => {})
  child.stdin.end(request)
  return new Promise<{ readonly code: number | null; readonly printed: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, printed: Buffer.concat(printed).toString('utf8') })),
  )
}

async function machine() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-hook-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const feature = questionFeature({
    ...{ stateFolder: folder, identity: loadIdentity(join(folder, 'identity.json')) },
    randomBytes: (count) => randomBytes(count),
    onTrouble: (message) => {
      throw new Error(message)
    },
  })
  const hosted = machineUnderTest({ features: [feature.desk], terminalEnv: feature.terminalEnv })
  await feature.serve(hosted.terminals)
  onTestFinished(() => feature.stop())
  const phone = connectApp(hosted.accept, { greet: false })
  phone.say({ type: 'hello', version: PROTOCOL_VERSION, label: 'phone', features: ['questions'] })
  return { feature, phone, env: feature.terminalEnv(await phone.open()) }
}

it('without a runner a hook ends well and prints nothing, so that the desk decides', async () => {
  expect(await hook({})).toEqual({ code: 0, printed: '' })
  expect(await hook({ LATCHKEY_AGENTS: '/nowhere', LATCHKEY_TERMINAL: '1' })).toEqual({
    code: 0,
    printed: '',
  })
})

it('a hook prints the answer of a phone; when the runner ends first it prints nothing', async () => {
  const { feature, phone, env } = await machine()
  const allowed = hook(env)
  const { id, digest, text } = await phone.heard('question')
  expect(text).toBe('touch one')
  phone.say({ type: 'answer', id, digest, choice: 'allow', nonce: 'ab'.repeat(16) })
  const answered = await allowed
  expect(answered.code).toBe(0)
  expect(JSON.parse(answered.printed)).toEqual({
    hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: { behavior: 'allow' } },
  })
  expect(await phone.heard('proof', ({ step }) => step === 'over')).toMatchObject({ id })
  const left = hook(env)
  await phone.heard('question', (question) => question.id !== id)
  await feature.stop()
  expect(await left).toEqual({ code: 0, printed: '' })
})
