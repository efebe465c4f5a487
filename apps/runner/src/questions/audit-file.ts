import { appendFileSync, chmodSync, renameSync, statSync } from 'node:fs'
import { jsonLine } from '@latchkey/protocol/printable'

/**
 * One line of the machine's own record of questions: the question by its digest, the app that answered, the outcome. Commands,
 * files and keys are not in it.
 */
export interface AuditEntry {
  readonly atMs: number
  readonly what: string
  /** of a question */
  readonly id?: string
  readonly terminal?: number
  readonly agent?: string
  readonly kind?: string
  readonly digest?: string
  /** an app's id, or its handle */
  readonly app?: string
  readonly label?: string
  readonly choice?: string
  readonly by?: string
  readonly exit?: number
  readonly why?: string
}

/** Some ten thousand questions; then the file before it is dropped. */
const AUDIT_BYTES_MAX = 4 * 1024 * 1024
const FOR_OWNER = 0o600

/** Appends to `path`, and never rewrites a line. A full file becomes `path.1`, so that two of them are the most. */
export function auditFile(path: string, onTrouble: (message: string) => void): (entry: AuditEntry) => void {
  let bytes: number | null = null
  return (entry) => {
    const line = `${jsonLine(entry)}\n`
    try {
      bytes ??= sizeOf(path)
      if (bytes + line.length > AUDIT_BYTES_MAX) {
        renameSync(path, `${path}.1`)
        bytes = 0
      }
      appendFileSync(path, line, { mode: FOR_OWNER })
      if (bytes === 0) chmodSync(path, FOR_OWNER)
      bytes += Buffer.byteLength(line)
    } catch (problem) {
      bytes = null
      onTrouble(`${path}: ${problem instanceof Error ? problem.message : String(problem)}`)
    }
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
