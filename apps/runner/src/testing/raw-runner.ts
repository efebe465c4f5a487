import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { keeperFolderIn } from '../keeper/keeper-folder.ts'
import type { FromKeeper, ToKeeper } from '../keeper/keeper-messages.ts'
import { reachOrStartKeeper } from '../keeper/reach-keeper.ts'
import { endKeeper } from './keeper-under-test.ts'

const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', TERM: 'xterm', PS1: '$ ', ENV: '/dev/null' }
export const sh = (script: string) => ({ file: '/bin/sh', args: ['-c', script], cwd: '/', env })
export const size = { cols: 80, rows: 24 }

/** A folder for the keeper of one test, which ends with it. */
export function keeperFolder(): string {
  const stateFolder = mkdtempSync(join(tmpdir(), 'latchkey-keeper-'))
  onTestFinished(async () => {
    await endKeeper(stateFolder)
    rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 })
  })
  return keeperFolderIn(stateFolder)
}

/** A runner's connection to the keeper of `folder` that remembers what it heard. */
export async function rawRunner(folder: string) {
  const heard: FromKeeper[] = []
  let isLost = false
  const port = await reachOrStartKeeper(folder, {
    hear: (message) => heard.push(message),
    lost: () => (isLost = true),
  })
  const welcome = heard.find((message) => message.type === 'welcome')
  return {
    heard,
    welcome,
    say: (message: ToKeeper) => port.send(message),
    leave: () => port.close(),
    get isLost() {
      return isLost
    },
    /** what a terminal has printed, from where it was followed on */
    printed: (terminal: number) =>
      Buffer.concat(
        heard.flatMap((message) =>
          message.type === 'output' && message.terminal === terminal ? [message.bytes] : [],
        ),
      ).toString(),
    listed: () => heard.flatMap((message) => (message.type === 'listed' ? [message.info] : [])),
  }
}

export const open = (terminal: number, script: string): ToKeeper => ({
  type: 'open',
  request: terminal,
  terminal,
  size,
  name: `Terminal ${terminal}`,
  program: sh(script),
})

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

export const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
