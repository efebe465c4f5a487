import type { Files } from '../repository.ts'

/** A law that reads the repository. */
export interface Rule {
  /** a sentence that is true of the tree */
  readonly name: string
  /** why, for whom it stops */
  readonly because: string
  /** what breaks it, as `path:line what, and what to do`; empty when it holds */
  readonly problems: (files: Files) => readonly string[]
  /** a small tree that breaks it: path → text */
  readonly canary: Readonly<Record<string, string>>
}
