import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { z } from 'zod'

/** Writes a file that only this user can read, in a folder that only this user can open. Whole or not at all. */
export function writePrivately(path: string, text: string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, text, { mode: 0o600 })
  renameSync(unfinished, path)
}

/** The JSON in a file; null when it is missing, unreadable or of another shape. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null
  } catch {
    return null
  }
}

/** Every readable JSON file of this shape in a folder, in no order. */
export const readJsonFiles = <T>(folder: string, schema: z.ZodType<T>): readonly T[] =>
  filesIn(folder).flatMap((path) => readJson(path, schema) ?? [])

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}
