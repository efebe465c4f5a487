/** A path in a program's output, with the line that it names. */
export interface FilePath {
  readonly path: string
  /** from 1 */
  readonly line: number | null
}

/**
 * Paths as compilers and agents print them: with a slash, or with an extension and a line. A web address is none: the reader
 * takes those first.
 */
export const PATH =
  /(?<![\w/.~-])(?:(?:~|\.{1,2})?\/|\w[\w.@+-]*\/)[\w.@+~/-]*\w(?::\d{1,7}(?::\d{1,7})?)?|(?<![\w/.~-])\w[\w.@+-]*\.\w{1,8}:\d{1,7}(?::\d{1,7})?/g

/** `src/app.ts:48:7` is line 48 of src/app.ts. */
export function filePath(text: string): FilePath {
  const [, path, line] = /^(.*?)(?::(\d{1,7})(?::\d{1,7})?)?$/s.exec(text.trim()) ?? []
  return { path: path ?? '', line: line === undefined ? null : Number(line) }
}

export const nameOfPath = (path: string): string => path.split('/').at(-1) ?? path
