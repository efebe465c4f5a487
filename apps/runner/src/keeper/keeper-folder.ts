import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/**
 * The folder of a keeper, one for each user and data folder: its socket, the token that its clients show, and what it printed.
 * Node cannot ask a socket for its peer's user (SO_PEERCRED), so access rests on the modes of folder and socket, and on the
 * token, which only this user can read.
 */
const FOR_OWNER = 0o700
const OTHERS = 0o077
/** `sun_path` is 108 bytes on Linux, 104 on macOS, with a zero at the end. */
const SOCKET_PATH_BYTES_MAX = 103
const TOKEN_BYTES = 32

export const keeperSocket = (folder: string): string => join(folder, 'keeper.sock')
export const keeperPrints = (folder: string): string => join(folder, 'keeper.log')
const tokenFile = (folder: string): string => join(folder, 'token')

/** The keeper's folder in the state folder of a runner. */
export const keeperFolderIn = (stateFolder: string): string => join(stateFolder, 'keeper')

/**
 * Makes the folder if it is missing. Answers why it cannot be used, as a sentence, or null.
 * @param uid the user that this process runs as
 */
export function keeperFolderProblem(folder: string, uid = process.getuid?.()): string | null {
  if (Buffer.byteLength(keeperSocket(folder)) > SOCKET_PATH_BYTES_MAX)
    return `${keeperSocket(folder)} is too long for a socket (${SOCKET_PATH_BYTES_MAX} bytes): choose a shorter data folder.`
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false }) ?? made(folder)
    if (!found.isDirectory()) return `${folder} is no folder.`
    if (found.uid !== uid)
      return `${folder} belongs to another user: their terminals are not used, and yours are not shown to them.`
    if ((found.mode & OTHERS) !== 0) chmodSync(folder, FOR_OWNER)
    return null
  } catch (problem) {
    return `${folder} cannot be used: ${problem instanceof Error ? problem.message : String(problem)}`
  }
}

function made(folder: string): Stats {
  mkdirSync(folder, { recursive: true, mode: FOR_OWNER })
  return lstatSync(folder)
}

/**
 * The token of a folder's keepers, made by the first of them: two that begin at once have the same one. It is written whole or
 * not at all.
 */
export function madeToken(folder: string): Uint8Array {
  const unfinished = `${tokenFile(folder)}.${process.pid}`
  writeFileSync(unfinished, randomBytes(TOKEN_BYTES), { mode: 0o600 })
  try {
    linkSync(unfinished, tokenFile(folder))
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem && problem.code === 'EEXIST')) throw problem
  } finally {
    rmSync(unfinished)
  }
  return readToken(folder)
}

/** Throws when there is none. */
export const readToken = (folder: string): Uint8Array => Uint8Array.from(readFileSync(tokenFile(folder)))
