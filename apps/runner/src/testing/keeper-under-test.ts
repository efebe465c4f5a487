import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { hostTerminals } from '../host-terminals.ts'
import { KeeperClient } from '../keeper/keeper-client.ts'
import { keeperFolderIn } from '../keeper/keeper-folder.ts'
import { reachKeeper, reachOrStartKeeper } from '../keeper/reach-keeper.ts'
import type { PastFolder } from '../past/past-folder.ts'
import { sharedScreens } from './shared-screens.ts'

/** Ends the keeper of a runner's state folder with all its programs, and waits for its end. */
export async function endKeeper(stateFolder: string): Promise<void> {
  let end: () => void = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const port = await reachKeeper(keeperFolderIn(stateFolder), 'owner', { hear: () => {}, lost: () => end() })
  if (typeof port === 'string') return
  port.send({ type: 'endAll' })
  await over
}

/** Ends the keeper of a runner's state folder as a reboot would, and waits for its end. */
export async function killKeeper(stateFolder: string): Promise<void> {
  let end: () => void = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  let pid = 0
  const port = await reachKeeper(keeperFolderIn(stateFolder), 'owner', {
    hear: (message) => {
      if (message.type === 'welcome') pid = message.pid
    },
    lost: () => end(),
  })
  // Without terminals it has ended by itself.
  if (typeof port === 'string') return
  if (pid <= 0) throw new Error('the keeper did not say its process')
  process.kill(pid, 'SIGKILL')
  await over
}

/** A keeper process in a folder of its own, and runners that come and go over it. Ends with the test. */
export function keeperUnderTest() {
  const stateFolder = mkdtempSync(join(tmpdir(), 'latchkey-kept-'))
  let leaveLast: () => Promise<void> = () => Promise.resolve()
  onTestFinished(async () => {
    await leaveLast()
    await endKeeper(stateFolder)
    rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    stateFolder,
    /** The next runner; the one before it must have left. */
    async runner(
      options: {
        readonly restAfterMs?: number
        readonly past?: PastFolder | null
        readonly pastEveryMs?: number
        readonly shareHistory?: boolean
      } = {},
    ) {
      const keeper = await KeeperClient.connect(
        (listener) => reachOrStartKeeper(keeperFolderIn(stateFolder), listener),
        () => {},
      )
      const hosted = hostTerminals({
        screens: sharedScreens,
        ...options,
        label: 'machine',
        shell: '/bin/sh',
        folder: '/tmp',
        env: { PATH: process.env['PATH'], HOME: '/tmp', LANG: 'C.UTF-8', PS1: '$ ', ENV: '/dev/null' },
        keeper,
        onEvent: () => {},
      })
      let left: Promise<void> | null = null
      const leave = () => (left ??= hosted.leave())
      leaveLast = leave
      return { ...hosted, keeper, leave }
    },
  }
}
