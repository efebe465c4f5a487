import type { FilePath } from '../../files/file-path.ts'

/**
 * The path that a program meant which ran in `folder`; null leaves it to the machine, which begins at the folder that the shell
 * is in now.
 */
export function pathIn(folder: string | null, { path, line }: FilePath): FilePath {
  const isRelative = !/^[~/]/.test(path)
  return { path: folder !== null && isRelative ? `${folder.replace(/\/$/, '')}/${path}` : path, line }
}

/** Whether text with a slash is meant as a file: `and/or` and `3/4` are not. */
export const looksLikeFile = (text: string): boolean =>
  /^(?:~|\.{1,2})?\//.test(text) || /:\d+$/.test(text) || /\.[A-Za-z]\w{0,7}$/.test(text)
