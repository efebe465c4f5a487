import { readFileSync } from 'node:fs'

/** The enrolment secret of a runner: from a file that is read whenever it is needed, or known until it has been used. */
export interface Enrolment {
  /** the secret; undefined once it is forgotten, or while its file is not there: a broker knows this machine by its key then */
  current(): string | undefined
  /** The broker has let this machine in, and knows it by its key from now on. */
  done(): void
}

/** @param secret forgotten at the first registration: programs in terminals could look for it here */
export function knownSecret(secret: string | undefined): Enrolment {
  let known = secret
  return {
    current: () => known,
    done: () => {
      known = undefined
    },
  }
}

/** Nothing is held between two registrations. */
export const secretInFile = (path: string): Enrolment => ({
  current: () => {
    try {
      return readFileSync(path, 'utf8').trim() || undefined
    } catch {
      return undefined
    }
  },
  done: () => {},
})
