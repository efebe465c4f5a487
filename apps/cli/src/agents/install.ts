import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { printableLines } from '@latchkey/protocol/printable'
import { z } from 'zod'
import type { Invocation } from '../command.ts'
import { dataDirOf } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { AGENT_FILES, type AgentFile } from './agent-files.ts'

/** Agents that need no change of a file. */
const NOTHING_TO_INSTALL: Readonly<Record<string, string>> = {
  codex: 'codex needs no installation. Start it with: latchkey agents run codex',
  gemini: 'gemini needs no installation: an app shows its status, and answers it with a guarded key.',
}

/** The file's text before and after the installation, to undo it exactly. */
const undoRecord = z.object({ path: z.string(), before: z.string().nullable(), after: z.string() })

export const AGENT_NAMES = [...Object.keys(AGENT_FILES), ...Object.keys(NOTHING_TO_INSTALL)].sort()

export function installAgent(call: Invocation, name: string, dryRun: boolean): ExitCode {
  const file = AGENT_FILES[name]?.(call.env)
  if (file === undefined) return nothingToInstall(call, name)
  const before = textOf(file.path)
  const changed = file.install(before)
  if ('problem' in changed) {
    call.complain(`${file.path}: ${changed.problem}`)
    return EXIT.failed
  }
  if (changed.text === before) {
    call.say(`${name} is installed already: ${file.path}`)
    return EXIT.ended
  }
  showDiff(call, file.path, before ?? '', changed.text)
  if (dryRun) return EXIT.ended
  // The oldest text stays the one to go back to.
  const known = readUndo(call, name)
  const isOurs = known !== null && known.path === file.path && known.after === before
  const record = { path: file.path, before: isOurs ? known.before : before, after: changed.text }
  write(undoPath(call, name), JSON.stringify(record))
  write(file.path, changed.text)
  call.say(`Installed. Restart ${name} in its terminals. To undo it: latchkey agents uninstall ${name}`)
  return EXIT.ended
}

export function uninstallAgent(call: Invocation, name: string, dryRun: boolean): ExitCode {
  const file = AGENT_FILES[name]?.(call.env)
  if (file === undefined) return nothingToInstall(call, name)
  const now = textOf(file.path)
  if (now === null || !file.isInstalled(now)) {
    call.say(`${name} is not installed.`)
    return EXIT.ended
  }
  const after = restored(call, name, file, now)
  showDiff(call, file.path, now, after ?? '')
  if (dryRun) return EXIT.ended
  if (after === null) rmSync(file.path)
  else write(file.path, after)
  rmSync(undoPath(call, name), { force: true })
  call.say(`${name} is uninstalled.`)
  return EXIT.ended
}

export function agentStatus(call: Invocation, names: readonly string[]): ExitCode {
  const agents = names.map((name) => {
    const file = AGENT_FILES[name]?.(call.env)
    if (file === undefined) return { name, installed: null, path: null }
    const now = textOf(file.path)
    return { name, installed: now !== null && file.isInstalled(now), path: file.path }
  })
  call.emit({ event: 'agents', agents })
  if (call.manner.json) return EXIT.ended
  for (const { name, installed, path } of agents)
    call.print(
      installed === null
        ? `${name}: ${NOTHING_TO_INSTALL[name] ?? ''}`
        : `${name}: ${installed ? 'installed' : 'not installed'}, ${path}`,
    )
  return EXIT.ended
}

function nothingToInstall(call: Invocation, name: string): ExitCode {
  call.say(NOTHING_TO_INSTALL[name] ?? `There is no agent ${name}.`)
  return EXIT.ended
}

/** Byte for byte where the file is as it was installed; else without our part. Null: there was no file. */
function restored(call: Invocation, name: string, file: AgentFile, now: string): string | null {
  const known = readUndo(call, name)
  if (known !== null && known.path === file.path && known.after === now) return known.before
  return file.uninstall(now)
}

/** The lines that differ; the ones before and after them are alike. */
function showDiff(call: Invocation, path: string, before: string, after: string): void {
  const [old, fresh] = [before, after].map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n')))
  const [a = [], b = []] = [old, fresh]
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same++
  let last = 0
  while (last < Math.min(a.length, b.length) - same && a.at(-1 - last) === b.at(-1 - last)) last++
  const lines = [
    ...[`--- ${path}`, `+++ ${path}`],
    ...a.slice(Math.max(0, same - 3), same).map((line) => ` ${line}`),
    ...a.slice(same, a.length - last).map((line) => `-${line}`),
    ...b.slice(same, b.length - last).map((line) => `+${line}`),
    ...a.slice(a.length - last, a.length - last + 3).map((line) => ` ${line}`),
  ]
  call.print(printableLines(lines.join('\n')))
}

const undoPath = (call: Invocation, name: string): string => join(dataDirOf(call), 'agents', `${name}.json`)

function readUndo(call: Invocation, name: string): z.output<typeof undoRecord> | null {
  try {
    return undoRecord.safeParse(JSON.parse(readFileSync(undoPath(call, name), 'utf8'))).data ?? null
  } catch {
    return null
  }
}

const textOf = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null)

/** Beside the file and then in its place: an agent never reads half of it. Its mode stays, and a link to it. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const target = existsSync(path) ? realpathSync(path) : path
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600
  const draft = `${target}.latchkey-new`
  writeFileSync(draft, text, { mode })
  renameSync(draft, target)
}
