import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import type { TerminalStatus } from '@latchkey/connection/app/status-feature'
import { printable } from '@latchkey/protocol/printable'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'

/** The states of a terminal as a person sees them, in the order of the list. */
export const STATES = ['needs-you', 'failed', 'done', 'working', 'idle'] as const
export type MarkState = (typeof STATES)[number]

/** A machine as this page knows it. */
export interface MachineSeen {
  readonly runnerId: string
  readonly label: string
  /** false: its states are as old as its link */
  readonly isLive: boolean
  readonly terminals: readonly TerminalInfo[]
  readonly statuses: ReadonlyMap<number, TerminalStatus>
  readonly questions: readonly AskedQuestion[]
}

/** One terminal in the list. */
export interface Need {
  readonly runnerId: string
  readonly machine: string
  readonly isLive: boolean
  readonly terminal: number
  readonly title: string
  readonly folder: string | null
  readonly state: MarkState
  /** with *needs you*, where the program said it */
  readonly kind: NonNullable<TerminalStatus['kind']> | null
  /** the program's own words, one line */
  readonly message: string
  /** epoch milliseconds of the machine; null where it does not say */
  readonly sinceMs: number | null
  readonly lastLines: readonly string[]
  /** null while it runs */
  readonly exitCode: number | null
  /** questions that wait in it, the one that ends first in front */
  readonly questions: readonly AskedQuestion[]
}

/** Which *failed* and *done* a person has looked at: they end by that, not by time. */
export type HasLooked = (runnerId: string, terminal: number, sinceMs: number) => boolean

const TITLE_CHARS_MAX = 60
/** Longer folders lose their beginning: the end tells more. */
const FOLDER_CHARS_MAX = 34

/** The machine's own name of a terminal that no person has named. */
const DEFAULT_NAME = /^Terminal \d+$/

/** A terminal's name on the page: a person's, else the title of its program, else the program and its folder. */
export function titleOf(
  info: Pick<TerminalInfo, 'name' | 'terminal'>,
  status: TerminalStatus | undefined,
): string {
  if (info.name !== '' && !DEFAULT_NAME.test(info.name)) return info.name
  const title = printable(status?.title ?? '', TITLE_CHARS_MAX).trim()
  if (title !== '') return title
  const program = printable(status?.program ?? '', TITLE_CHARS_MAX).trim()
  const last =
    folderOf(status)
      ?.split('/')
      .findLast((part) => part !== '') ?? ''
  return [program, last].filter((part) => part !== '').join(' · ') || info.name
}

/** Where its program is, at most 34 characters of it; null where the machine does not say. */
export function folderOf(status: TerminalStatus | undefined): string | null {
  const folder = printable(status?.folder ?? '', 256)
  if (folder === '') return null
  return folder.length <= FOLDER_CHARS_MAX ? folder : `…${folder.slice(1 - FOLDER_CHARS_MAX)}`
}

/** Questions that a person can still answer or watch, the one that ends first in front. */
export const waitingIn = (questions: readonly AskedQuestion[]): readonly AskedQuestion[] =>
  questions
    .filter(({ status }) => status === 'asked')
    .toSorted(
      (a, b) =>
        (a.question.expiresAtMs ?? Number.MAX_SAFE_INTEGER) -
        (b.question.expiresAtMs ?? Number.MAX_SAFE_INTEGER),
    )

/** Every terminal of these machines that is not of before, in the order of the list. */
export const needsOf = (machines: readonly MachineSeen[], hasLooked: HasLooked): readonly Need[] =>
  machines
    .flatMap((machine) =>
      toldApart(
        machine.terminals
          .filter(({ past }) => past === undefined)
          .map((info) => needOf(machine, info, hasLooked)),
      ),
    )
    .toSorted(byUrgency)

/** Shells in one folder have one title: the later ones get a number. */
function toldApart(needs: readonly Need[]): readonly Need[] {
  const counts = new Map<string, number>()
  return needs.map((need) => {
    const count = (counts.get(need.title) ?? 0) + 1
    counts.set(need.title, count)
    return count === 1 || need.title === '' ? need : { ...need, title: `${need.title} ${count}` }
  })
}

function needOf(machine: MachineSeen, info: TerminalInfo, hasLooked: HasLooked): Need {
  const { runnerId, label, isLive, statuses, questions } = machine
  const status = statuses.get(info.terminal)
  const waiting = waitingIn(questions.filter(({ question }) => question.terminal === info.terminal))
  return {
    runnerId,
    machine: label,
    isLive,
    terminal: info.terminal,
    title: titleOf(info, status),
    folder: folderOf(status),
    state: waiting.length > 0 ? 'needs-you' : stateOf(runnerId, info, status, hasLooked),
    kind: status?.kind ?? null,
    message: printable(status?.message ?? '', 256),
    sinceMs: status?.sinceMs ?? waiting[0]?.question.askedAtMs ?? null,
    lastLines: (status?.lastLines ?? []).map((line) => printable(line, 160)),
    exitCode: info.exit?.code ?? null,
    questions: waiting,
  }
}

/** The state of a terminal without a question. A program that has ended is done or failed, whatever its last sign was. */
export function stateOf(
  runnerId: string,
  info: Pick<TerminalInfo, 'terminal' | 'exit'>,
  status: TerminalStatus | undefined,
  hasLooked: HasLooked,
): MarkState {
  const state =
    info.exit === null || status?.state === 'done' || status?.state === 'failed'
      ? (status?.state ?? 'idle')
      : info.exit.code === 0
        ? 'done'
        : 'failed'
  const ends = state === 'done' || state === 'failed'
  return ends && hasLooked(runnerId, info.terminal, status?.sinceMs ?? 0) ? 'idle' : state
}

function byUrgency(a: Need, b: Need): number {
  const order = STATES.indexOf(a.state) - STATES.indexOf(b.state)
  if (order !== 0) return order
  if (a.state === 'needs-you') return endOf(a) - endOf(b) || (a.sinceMs ?? 0) - (b.sinceMs ?? 0)
  return (b.sinceMs ?? 0) - (a.sinceMs ?? 0)
}

const endOf = ({ questions: [first] }: Need): number => first?.question.expiresAtMs ?? Number.MAX_SAFE_INTEGER
