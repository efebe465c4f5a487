import '../styles/question.css'
import { type PromptRows, rowsText } from '@latchkey/connection/emulator/prompt-rows'
import { utf8 } from '@latchkey/protocol/bytes'
import { printable } from '@latchkey/protocol/printable'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { Dialog } from '../parts/dialog.tsx'
import { useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { LastLines } from './need-row.tsx'
import type { Need } from './needs.ts'
import { encodedKey, GUARDED_KEYS, type GuardedKeyName, type PromptScreen } from './prompt-screen.ts'
import { StateMark } from './state-mark.tsx'
import { useNeeds } from './use-needs.ts'

/** A screen that changed in the last moments was not read yet: a key for it is not sent. */
const READ_AFTER_MS = 400
/** lines of a prompt that the sheet shows */
const SHOWN_LINES_MAX = 6

interface GuardedBarProps {
  readonly runnerId: string
  readonly terminal: number
  readonly machine: string
  readonly screen: PromptScreen
}

/** For a program that waits and whose agent cannot be answered otherwise: keys that are typed only into this very prompt. */
export function GuardedBar(props: GuardedBarProps) {
  const need = useNeeds(props.runnerId).get(props.terminal)
  const open = useObservable(openLinks).get(props.runnerId)
  if (open === undefined || need === undefined) return null
  return need.state === 'needs-you' && need.questions.length === 0 ? (
    <Keys {...props} need={need} open={open} />
  ) : null
}

type Outcome =
  | { readonly is: 'nothing' | 'just-moved' | 'no-answer' }
  | { readonly is: 'typed'; readonly name: string }
  | {
      readonly is: 'moved'
      readonly name: string
      readonly before: PromptRows
      readonly now: PromptRows
      readonly why: string
    }

function Keys(props: GuardedBarProps & { readonly need: Need; readonly open: OpenLink }) {
  const text = useWords()
  const words = text.attention.guarded
  const { need, open, terminal, machine, screen } = props
  const [shown, setShown] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>({ is: 'nothing' })
  const isOffered = useObservable(open.questions.isOffered)
  const drawn = useDrawnRows(screen)
  if (!isOffered) return null
  const type = async (name: GuardedKeyName) => {
    const { rows, sinceMs } = drawn()
    if (performance.now() - sinceMs < READ_AFTER_MS) return setOutcome({ is: 'just-moved' })
    const answer = await open.questions.typeGuarded({
      terminal,
      key: encodedKey(name, screen.applicationCursor),
      from: rows.from,
      to: rows.to,
      rows: bytesToHex(sha256(utf8(rowsText(rows)))),
    })
    if (answer === null) setOutcome({ is: 'no-answer' })
    else if (answer.typed) setOutcome({ is: 'typed', name: keyWord(name, text) })
    else
      setOutcome({
        is: 'moved',
        name: keyWord(name, text),
        before: rows,
        now: screen.promptRows(),
        why: printable(answer.message, 256),
      })
  }
  const said = {
    nothing: '',
    moved: '',
    typed: outcome.is === 'typed' ? words.typed(outcome.name) : '',
    'just-moved': words.justMoved,
    'no-answer': words.noAnswer(machine),
  }[outcome.is]
  return (
    <section class="guarded-bar" aria-label={words.keys}>
      <div class="call-bar">
        <StateMark state="needs-you" />
        <div>
          <b>{need.message || words.title(need.title || text.term.unnamed(terminal))}</b>
          <p role="status">{said || (shown ? words.note : '')}</p>
        </div>
        <button type="button" class="btn" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {shown ? words.hide : words.show}
        </button>
      </div>
      {shown ? (
        <div class="keys guarded-keys" role="group" aria-label={words.keys}>
          {GUARDED_KEYS.map((name) => (
            <button
              key={name}
              type="button"
              class={`key ${name}`}
              aria-label={words.key(keyWord(name, text))}
              onClick={() => void type(name)}
            >
              {FACES[name] ?? keyWord(name, text)}
            </button>
          ))}
        </div>
      ) : null}
      {outcome.is === 'moved' ? (
        <Moved {...outcome} machine={machine} onClose={() => setOutcome({ is: 'nothing' })} />
      ) : null}
    </section>
  )
}

/** The prompt as a person saw it: its rows at the last drawing, and since when they are these. */
function useDrawnRows(screen: PromptScreen): () => { readonly rows: PromptRows; readonly sinceMs: number } {
  const seen = useRef({ rows: screen.promptRows(), sinceMs: performance.now() })
  useEffect(
    () =>
      screen.onDrawn(() => {
        const rows = screen.promptRows()
        const { from, to } = seen.current.rows
        const same = rows.from === from && rows.to === to && rowsText(rows) === rowsText(seen.current.rows)
        if (!same) seen.current = { rows, sinceMs: performance.now() }
      }),
    [screen],
  )
  return () => seen.current
}

function Moved(props: {
  readonly name: string
  readonly machine: string
  readonly before: PromptRows
  readonly now: PromptRows
  readonly why: string
  readonly onClose: () => void
}) {
  const words = useWords().attention.guarded
  // The rows are the same here: then the machine had another reason.
  const isOther = props.why !== '' && rowsText(props.before) === rowsText(props.now)
  const lastOf = ({ lines }: PromptRows) => lines.slice(-SHOWN_LINES_MAX)
  return (
    <Dialog
      look="ask"
      title={isOther ? words.notTyped : words.movedTitle}
      sub={props.machine}
      mark={<StateMark state="idle" />}
      foot={
        <div class="row-btns">
          <button type="button" class="btn primary" onClick={props.onClose}>
            {words.lookTerminal}
          </button>
        </div>
      }
      onClose={props.onClose}
    >
      <p class="small dim said">{isOther ? props.why : words.moved(props.name, props.machine)}</p>
      <h3>{words.before}</h3>
      <LastLines lines={lastOf(props.before)} label={words.before} />
      <h3>{words.now(props.machine)}</h3>
      <LastLines lines={lastOf(props.now)} label={words.now(props.machine)} />
    </Dialog>
  )
}

const FACES: Partial<Record<GuardedKeyName, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
}

function keyWord(name: GuardedKeyName, { attention: { guarded } }: Words): string {
  switch (name) {
    case 'y':
    case 'n':
    case '1':
    case '2':
    case '3':
      return name
    case 'enter':
    case 'escape':
    case 'up':
    case 'down':
    case 'left':
    case 'right':
      return guarded[name]
  }
}
