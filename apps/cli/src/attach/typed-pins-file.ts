import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TypedPinStore } from '@latchkey/connection/app/typed-pins'
import { writePrivately } from '../private-files.ts'

/** The PINs typed in earlier calls of `attach`, in a file that only this user can read. */
export function typedPinsIn(dataDir: string): TypedPinStore {
  const path = join(dataDir, 'attach', 'typed-pins')
  return {
    read() {
      try {
        return readFileSync(path, 'utf8')
      } catch {
        return ''
      }
    },
    write: (text) => writePrivately(path, text),
  }
}
