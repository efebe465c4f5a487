import { z } from 'zod'
import { digestHex, hex128, momentMs } from '../fields.ts'

/**
 * What a terminal's program wants of its person: status, questions that an agent asks, and what became of the answers. The
 * messages that carry it are in `messages.ts`. All text here is untrusted, whatever end it came from.
 */

export const STATUS_TEXT_CHARS_MAX = 256
export const LAST_LINE_CHARS_MAX = 160
/** With its choices, files and folder a question must fit into one message of 65,535 bytes; a longer one is for the desk. */
export const QUESTION_CHARS_MAX = 12_000
export const QUESTION_FILES_MAX = 32
export const QUESTION_CHOICES_MAX = 8
/** one key as a terminal sends it, such as `y`, Enter or an arrow */
export const GUARDED_KEY_CHARS_MAX = 16

const terminal = z.number().int().min(0).max(0xffff)
const rowNumber = z.number().int().min(0).max(999)
const shortText = z.string().max(64)
const line = z.string().max(STATUS_TEXT_CHARS_MAX)
const path = z.string().max(1_024)

/** What a terminal's program is doing, as far as its signs tell. */
export const statusFields = {
  terminal,
  state: z.enum(['idle', 'working', 'needs-you', 'done', 'failed']),
  /** with `needs-you`, where the program said it */
  kind: z.enum(['permission', 'question', 'auth']).optional(),
  /** the program's own name for itself */
  program: shortText.optional(),
  /** the program's own words about its state */
  message: line.optional(),
  /** since when it is in this state, epoch milliseconds of the machine */
  sinceMs: momentMs,
  /** percent */
  progress: z.number().int().min(0).max(100).optional(),
  /** the title that the program set (OSC 0 or 2) */
  title: line.optional(),
  /** where the program is: as its shell said (OSC 7), else the folder of its foreground process */
  folder: line.optional(),
  /** the last lines of its screen that are not blank, oldest first */
  lastLines: z.array(z.string().max(LAST_LINE_CHARS_MAX)).max(3),
  /**
   * whether its shell tells of its commands (`on`). With `ask` new terminals could, and the machine's owner has not been
   * asked: `integrate` answers
   */
  integration: z.enum(['on', 'ask']).optional(),
}

const choice = z.object({
  /** given back in the answer */
  id: shortText,
  label: z.string().max(128),
  /** exactly what it allows or ends, such as "this command, once" */
  covers: z.string().max(512),
  /** `deny` lets the agent go on without it, `stop` ends its turn */
  effect: z.enum(['allow', 'deny', 'stop']),
})

/** Made only by an adapter that speaks to the agent itself, never from a terminal's bytes. */
export const questionFields = {
  id: hex128,
  terminal,
  /** such as `codex` */
  agent: shortText,
  kind: z.enum(['command', 'edit', 'tool', 'other']),
  /** in the agent's words, what it wants to do */
  title: line,
  /** the exact command or request; control characters made visible */
  text: z.string().max(QUESTION_CHARS_MAX),
  folder: path.optional(),
  files: z.array(path).max(QUESTION_FILES_MAX),
  /** a unified diff */
  diff: z.string().max(QUESTION_CHARS_MAX).optional(),
  choices: z.array(choice).max(QUESTION_CHOICES_MAX),
  askedAtMs: momentMs,
  /** null: it waits until the desk decides */
  expiresAtMs: momentMs.nullable(),
  /** SHA-256 over all that is asked; an answer repeats it */
  digest: digestHex,
  /** whether this app may answer it */
  mayAnswer: z.boolean(),
  /** why no app can answer it, such as its length: it is answered at the desk */
  deskOnly: line.optional(),
}

/** Each step of a question, told when it is true and not before. */
export const proofFields = {
  id: hex128,
  step: z.enum([
    'asked',
    /** a push service took the notification */
    'pushed',
    /** an app shows it to a person */
    'seen',
    /** an answer went to the agent */
    'sent',
    /** the agent took a decision; `by` says whose */
    'decided',
    'ran',
    'declined',
    /** the allowed command ran and failed, or the agent ended before it told */
    'failed',
    /** an answer of this app was not taken; `why` says the reason. Nothing changed by it */
    'refused',
    /** nothing more will come of it */
    'over',
  ]),
  atMs: momentMs,
  /** with `decided`; `unknown` where the agent does not say who */
  by: z.enum(['here', 'other-app', 'desk', 'unknown']).optional(),
  /** the id of the choice that was taken, where it is known */
  choice: shortText.optional(),
  /** with `ran` and `failed`, where there is one */
  exit: z.number().int().optional(),
  why: z
    .enum([
      'UNKNOWN',
      'EXPIRED',
      'ALREADY_DECIDED',
      'ALTERED',
      'NOT_ALLOWED',
      'AMBIGUOUS',
      'AGENT_GONE',
      'DECIDED_OTHERWISE',
    ])
    .optional(),
  /** for a person */
  message: line.optional(),
}

export const answerFields = {
  id: hex128,
  digest: digestHex,
  choice: shortText,
  /** 16 random bytes in hex: an answer counts once, however often it arrives */
  nonce: hex128,
}

/**
 * A key for a program without an adapter: typed only if the machine's own screen still shows these rows. `rows` is SHA-256,
 * in hex, over the UTF-8 text of rows `from` to `to` (of the visible screen, 0 at the top, both included), each without the
 * blanks at its end, joined by line feeds.
 */
export const guardedKeyFields = {
  request: z.number().int().nonnegative().max(0xffffffff),
  terminal,
  key: z.string().min(1).max(GUARDED_KEY_CHARS_MAX),
  from: rowNumber,
  to: rowNumber,
  rows: digestHex,
}
