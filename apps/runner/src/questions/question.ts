import { createHash } from 'node:crypto'
import {
  QUESTION_CHARS_MAX,
  QUESTION_CHOICES_MAX,
  QUESTION_FILES_MAX,
  STATUS_TEXT_CHARS_MAX,
} from '@latchkey/protocol/terminal/attention'
import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { visible, visibleLine } from './visible.ts'

/** A question as every app is told of it. */
export type ToldQuestion = Omit<Extract<RunnerMessage, { type: 'question' }>, 'type' | 'mayAnswer'>
export type Choice = ToldQuestion['choices'][number]

/** A question as an adapter hears it from its agent: raw text, which the agent may have from anywhere. */
export interface Asked {
  readonly terminal: number
  readonly agent: string
  readonly kind: ToldQuestion['kind']
  readonly title: string
  /** the exact command or request */
  readonly text: string
  readonly folder?: string | undefined
  readonly files: readonly string[]
  readonly diff?: string | undefined
  readonly choices: readonly Choice[]
  /** how long the agent waits for an answer; null: until the desk decides */
  readonly lastsMs: number | null
  /** names the one request at the agent: connection, session, turn and call */
  readonly binding: string
  /** why it is for the desk alone, where the adapter knows a reason */
  readonly deskOnly?: string | undefined
}

const PATH_CHARS_MAX = 1_024
const AGENT_CHARS_MAX = 64
/** `message` on the wire ends at 65,535 bytes; a character in JSON takes up to six of them. */
const QUESTION_BYTES_MAX = 56_000

export const TOO_LONG = 'This is too long for a phone. Read and answer it at the machine.'

/**
 * The question of an agent, made fit to be shown. Nothing of it is cut silently: a text that is too long makes it a question
 * for the desk. The digest covers all that was asked, as it was asked, and the request that it belongs to.
 */
export function questionOf(asked: Asked, id: string, atMs: number): ToldQuestion {
  const whole: ToldQuestion = {
    id,
    terminal: asked.terminal,
    agent: visibleLine(asked.agent).slice(0, AGENT_CHARS_MAX),
    kind: asked.kind,
    title: shortened(visibleLine(asked.title)),
    text: visible(asked.text),
    ...(asked.folder === undefined ? {} : { folder: visibleLine(asked.folder) }),
    files: asked.files.map(visibleLine),
    ...(asked.diff === undefined ? {} : { diff: visible(asked.diff) }),
    choices: asked.choices.map((choice) => ({ ...choice, covers: visibleLine(choice.covers) })),
    askedAtMs: atMs,
    expiresAtMs: asked.lastsMs === null ? null : atMs + asked.lastsMs,
    digest: digestOf(asked, id, atMs),
    ...(asked.deskOnly === undefined ? {} : { deskOnly: shortened(asked.deskOnly) }),
  }
  const question = asked.deskOnly === undefined ? whole : { ...whole, choices: [] }
  return isTooLong(question) ? forTheDesk(question) : question
}

function isTooLong({ text, diff = '', folder = '', files, choices, ...rest }: ToldQuestion): boolean {
  return (
    text.length > QUESTION_CHARS_MAX ||
    diff.length > QUESTION_CHARS_MAX ||
    folder.length > PATH_CHARS_MAX ||
    files.length > QUESTION_FILES_MAX ||
    files.some((file) => file.length > PATH_CHARS_MAX) ||
    choices.length > QUESTION_CHOICES_MAX ||
    choices.some(({ covers }) => covers.length > 512) ||
    Buffer.byteLength(JSON.stringify({ text, diff, folder, files, choices, ...rest })) > QUESTION_BYTES_MAX
  )
}

/** Its beginning, for an app to tell what it is about. No app can answer it. */
function forTheDesk({ diff: _diff, folder, ...question }: ToldQuestion): ToldQuestion {
  return {
    ...question,
    text: question.text.slice(0, 1_000),
    ...(folder === undefined ? {} : { folder: folder.slice(0, PATH_CHARS_MAX) }),
    files: question.files.slice(0, 4).map((file) => file.slice(0, PATH_CHARS_MAX)),
    choices: [],
    deskOnly: TOO_LONG,
  }
}

/** SHA-256, hex. */
function digestOf(asked: Asked, id: string, atMs: number): string {
  const { terminal, agent, kind, title, text, folder, files, diff, choices, lastsMs, binding } = asked
  const all = [id, atMs, binding, terminal, agent, kind, title, text, folder, files, diff, choices, lastsMs]
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

const shortened = (text: string): string =>
  text.length <= STATUS_TEXT_CHARS_MAX ? text : `${text.slice(0, STATUS_TEXT_CHARS_MAX - 1)}…`
