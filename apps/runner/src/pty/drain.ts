import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { IPty } from '@lydell/node-pty'

/**
 * The last byte that a program prints before it exits arrives (REQUIREMENTS 6.8). Two things lose it otherwise: libuv takes
 * a hang-up after a partial read for the end, and node-pty destroys its stream 200 ms after the exit, also while it is
 * paused. The cure: a slave side held open prevents the hang-up, and the destruction waits until the PTY is read dry.
 *
 * This is the only file that touches node-pty's internals (1.1.0: `_pty` is the slave's path, `_fd` the master, `_socket`
 * the stream over it). Its test fails when a later version renames them.
 */

/** The kernel hands a program's last bytes over in a work queue: empty counts only when it stays so this often. */
const EMPTY_READS_WANTED = 3
const EMPTY_READ_EVERY_MS = 5
/** While paused there is nothing to do but look again. */
const PAUSED_LOOK_EVERY_MS = 20
/** Children that outlive the program may print for ever: after so much or so long of it the terminal ends all the same. */
const BYTES_AFTER_EXIT_MAX = 4 * 1024 * 1024
const READING_AFTER_EXIT_MS_MAX = 2_000
const READ_BYTES = 64 * 1024

interface Internals {
  readonly socket: Socket
  readonly masterFd: number
  readonly slavePath: string
}

/** How the owner of a PTY takes part in its draining. */
export interface DrainPort {
  readonly isPaused: () => boolean
  readonly onOutput: (bytes: Uint8Array) => void
  /** the master is about to be closed: its number may be another file's in a moment */
  readonly onClosing: () => void
}

/**
 * node-pty sets the kernel's IUTF8 (backspace takes a whole character) only when it may decode as well; a frame may end in
 * the middle of a character, so the decoding is taken back. Call right after spawning with encoding 'utf8'.
 */
export function readBytesNotText(pty: IPty): void {
  const state: unknown = Reflect.get(internalsOf(pty).socket, '_readableState')
  if (typeof state !== 'object' || state === null)
    throw new Error('this Node reads streams differently: see drain.ts')
  Reflect.set(state, 'decoder', null)
  Reflect.set(state, 'encoding', null)
}

/** The descriptor to write to: node-pty's own `write` is typed for text alone. Ours until `onClosing`. */
export const masterFdOf = (pty: IPty): number => internalsOf(pty).masterFd

/** The terminal's name in the file system. */
export const ttyOf = (pty: IPty): string => internalsOf(pty).slavePath

/** Call right after spawning. From then on `pty.onExit` comes after the last byte. */
export function drainAtExit(pty: IPty, port: DrainPort): void {
  const { socket, masterFd, slavePath } = internalsOf(pty)
  const slaveFd = openSync(slavePath, constants.O_RDWR | constants.O_NOCTTY)
  const destroy = socket.destroy.bind(socket)
  let ending = false
  socket.destroy = (problem?: Error) => {
    if (ending) return socket
    ending = true
    readDry(socket, masterFd, port, () => {
      port.onClosing()
      closeSync(slaveFd)
      destroy(problem)
    })
    return socket
  }
}

function readDry(socket: Socket, masterFd: number, port: DrainPort, done: () => void): void {
  const buffer = new Uint8Array(READ_BYTES)
  let emptyReads = 0
  let bytesLeft = BYTES_AFTER_EXIT_MAX
  let msLeft = READING_AFTER_EXIT_MS_MAX
  const look = () => {
    if (port.isPaused()) return void setTimeout(look, PAUSED_LOOK_EVERY_MS)
    // What the stream still holds came earlier; it flows in this turn or the next.
    while (socket.readableLength === 0 && !port.isPaused()) {
      const count = readNow(masterFd, buffer)
      if (count === 0) {
        emptyReads += 1
        break
      }
      emptyReads = 0
      bytesLeft -= count
      port.onOutput(buffer.slice(0, count))
      if (bytesLeft <= 0) break
    }
    msLeft -= EMPTY_READ_EVERY_MS
    if (emptyReads >= EMPTY_READS_WANTED || bytesLeft <= 0 || msLeft <= 0) return done()
    setTimeout(look, EMPTY_READ_EVERY_MS)
  }
  look()
}

/** Bytes read; 0 when there are none now, or never again. */
function readNow(fd: number, into: Uint8Array): number {
  try {
    return readSync(fd, into)
  } catch {
    return 0
  }
}

function internalsOf(pty: IPty): Internals {
  const socket: unknown = Reflect.get(pty, '_socket')
  const masterFd: unknown = Reflect.get(pty, '_fd')
  const slavePath: unknown = Reflect.get(pty, '_pty')
  if (!isSocket(socket) || typeof masterFd !== 'number' || typeof slavePath !== 'string')
    throw new Error('this version of node-pty is built differently: see drain.ts')
  return { socket, masterFd, slavePath }
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'destroy' in value && 'readableLength' in value
