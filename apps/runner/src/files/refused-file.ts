import type { FileRefusal } from '@latchkey/protocol/terminal/files'

/** Why a file does not go, with a sentence for a person that names the next step. */
export interface RefusedFile {
  readonly refused: FileRefusal
  readonly message: string
}

export const refusedFile = (refused: FileRefusal, message: string): RefusedFile => ({ refused, message })

/** What a failure of the file system means, for the file or folder `what`. */
export function refusalOf(problem: unknown, what: string): RefusedFile {
  switch (codeOf(problem)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return refusedFile(
        'NO_SPACE',
        `The disk is full: there is no room for ${what}. Make some, then send it again.`,
      )
    case 'ENOENT':
    case 'ENOTDIR':
      return refusedFile('NOT_FOUND', `There is no ${what}. Check the path.`)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return refusedFile('NOT_READABLE', `The user of this machine's terminals may not use ${what}.`)
    case 'ELOOP':
      return refusedFile('LINK', `${what} is a symbolic link. Ask for the file that it leads to.`)
    default:
      return refusedFile('FAILED', `${what}: ${problem instanceof Error ? problem.message : String(problem)}`)
  }
}

/** The code of a Node error, such as `ENOENT`; empty for anything else. */
export const codeOf = (problem: unknown): string =>
  problem instanceof Error && 'code' in problem && typeof problem.code === 'string' ? problem.code : ''
