import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Whether there is something at `path` that this user may run. */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first of `names` that is on PATH, else the first of `places` that is a program, else null. */
export function findProgram(names, places, env = process.env) {
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...places].find(isProgram) ?? null
}
