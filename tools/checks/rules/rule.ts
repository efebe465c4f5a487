import type { Files } from '../repository.ts'

/** A law that reads the repository. */
export interface Rule {
  /** a sentence that is true of the tree */
  readonly name: string
  /** the reason */
  readonly because: string
  /** how to repair a breach, in a sentence or two */
  readonly mend: string
  /** every breach, as `path:line detail`; empty when the law holds */
  readonly problems: (files: Files) => readonly string[]
  /** a small tree that breaks it: path → text */
  readonly canary: Readonly<Record<string, string>>
}
