import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { until } from '../testing/app-under-test.ts'
import { type Exit, type PtyProcess, startPty } from './pty-process.ts'

interface Ran {
  readonly output: Buffer
  readonly exit: Exit
}

const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', TERM: 'xterm-256color' }
const SIZE = { cols: 80, rows: 24 }

/** Runs a script to its end; `meanwhile` gets the running process. */
function run(
  script: string,
  meanwhile: (pty: PtyProcess, printed: () => string) => void = () => {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = []
    const pty = startPty({ file: '/bin/bash', args: ['-c', script], cwd: '/', env }, SIZE, {
      onOutput: (bytes) => parts.push(bytes),
      onExit: (exit) => resolve({ output: Buffer.concat(parts), exit }),
    })
    meanwhile(pty, () => Buffer.concat(parts).toString('latin1'))
  })
}

const PRINTS_300_KB = 'head -c 300000 /dev/zero | tr "\\0" x; echo; echo THE LAST LINE'

it('the last line before an exit arrives, 8 times of 8', async () => {
  for (let time = 0; time < 8; time++) {
    const { output } = await run(PRINTS_300_KB)
    expect(output.length).toBe(300_000 + '\r\nTHE LAST LINE\r\n'.length)
    expect(output.toString('latin1')).toMatch(/x\r\nTHE LAST LINE\r\n$/)
  }
})

it('the last line arrives however long the reader was paused after the exit', async () => {
  const { output } = await run('head -c 3000 /dev/zero | tr "\\0" x; echo THE LAST LINE', (pty) => {
    pty.pause()
    setTimeout(() => pty.resume(), 700)
  })
  expect(output.toString('latin1')).toMatch(/^x{3000}THE LAST LINE\r\n$/)
})

it('a reader that pauses and goes on all the time loses nothing', async () => {
  let ticking: NodeJS.Timeout | undefined
  const { output } = await run(PRINTS_300_KB, (pty) => {
    let paused = false
    ticking = setInterval(() => {
      paused = !paused
      if (paused) pty.pause()
      else pty.resume()
    }, 3)
  })
  clearInterval(ticking)
  expect(output.length).toBe(300_000 + '\r\nTHE LAST LINE\r\n'.length)
})

it('output is bytes, and the kernel knows that characters may be several of them', async () => {
  const { output } = await run('stty -a | grep -o -- -*iutf8; printf "\\xff\\xc3\\xa4"')
  expect(output.subarray(0, 7).toString()).toBe('iutf8\r\n')
  expect(output.subarray(7)).toEqual(Buffer.from([0xff, 0xc3, 0xa4]))
})

it('tells the exit code, and the signal that ended a program', async () => {
  expect((await run('exit 7')).exit).toEqual({ code: 7, signal: null })
  expect((await run('kill -9 $$')).exit).toEqual({ code: 0, signal: 9 })
})

it('ends the shell and what runs in it, also what ignores being asked', async () => {
  let pid = 0
  await run('trap "" HUP; sleep 1000 & echo READY; sleep 1000', async (pty, printed) => {
    pid = pty.pid
    await until(() => printed().includes('READY'))
    pty.end()
  })
  await until(() => processesOfSession(pid).length === 0)
})

it('a stopped program hears that it has to end', async () => {
  let pid = 0
  await run('kill -STOP $$; sleep 1000', async (pty) => {
    pid = pty.pid
    await until(() => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T '))
    pty.end()
  })
  expect(processesOfSession(pid)).toEqual([])
})

it('leaves no file descriptor behind', async () => {
  await run('true')
  const before = readdirSync('/proc/self/fd').length
  for (let time = 0; time < 5; time++) await run('echo hello')
  expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before)
})

/** Living processes of the session that a PTY's shell led. */
function processesOfSession(session: number): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const [state, , , itsSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state !== 'Z' && Number(itsSession) === session
    } catch {
      return false
    }
  })
}

it('a paste into a program whose output is not read waits, without holding anything up, and arrives whole', async () => {
  const pasted = Buffer.from(Array.from({ length: 100_000 }, (_, at) => `${at},`).join(''))
  let unwritten = 0
  let turns = 0
  const { output } = await run(
    `stty raw -echo; echo READY; head -c ${pasted.length}`,
    async (pty, printed) => {
      await until(() => printed().includes('READY'))
      pty.pause()
      pty.write(pasted)
      unwritten = pty.unwrittenBytes
      const turning = setInterval(() => turns++, 10)
      // As long as it waits, this process does other things.
      await until(() => turns > 20)
      clearInterval(turning)
      pty.resume()
    },
  )
  expect(unwritten).toBeGreaterThan(0)
  expect(output.subarray(output.indexOf('\n') + 1).equals(pasted)).toBe(true)
})
