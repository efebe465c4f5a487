import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TypedPinStore } from '@latchkey/connection/app/typed-pins'

/** The PINs typed in earlier calls of `attach`, in a file that only this user can read. */
export function typedPinsIn(dataDir: string): TypedPinStore {
  const folder = join(dataDir, 'attach')
  const path = join(folder, 'typed-pins')
  return {
    read() {
      try {
        return readFileSync(path, 'utf8')
      } catch {
        return ''
      }
    },
    write(text) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const unfinished = `${path}.${process.pid}`
      writeFileSync(unfinished, text, { mode: 0o600 })
      renameSync(unfinished, path)
    },
  }
}
