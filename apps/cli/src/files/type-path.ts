import type { AppLink } from '@latchkey/connection/app/link'
import { shellWord } from '@latchkey/connection/app/shell-word'
import { utf8 } from '@latchkey/protocol/bytes'
import { PrivateModes } from '../attach/private-modes.ts'

const ANSWER_WITHIN_MS = 10_000

/** Types a path at the cursor of a terminal, as a paste where the program knows pastes, without Enter. False: not typed. */
export function typePath(link: AppLink, terminal: number, path: string): Promise<boolean> {
  const word = shellWord(path)
  const info = link.terminals.current.find((one) => one.terminal === terminal)
  if (word === null || info === undefined) return Promise.resolve(false)
  const modes = new PrivateModes()
  return new Promise((resolve) => {
    let typed = false
    const over = (isTyped: boolean) => {
      clearTimeout(timer)
      watch.detach()
      resolve(isTyped)
    }
    const type = () => {
      if (typed) return
      typed = true
      const isPaste = modes.undoing.includes('\u001b[?2004l')
      const text = isPaste ? `\u001b[200~${word} \u001b[201~` : `${word} `
      if (watch.type(utf8(text)) !== 'taken') over(false)
    }
    // Its own size: a look at it changes nothing for others.
    const watch = link.watch(
      terminal,
      { cols: info.cols, rows: info.rows },
      {
        write: (bytes, drawn) => {
          modes.note(bytes)
          drawn()
        },
        reset: (snapshot, drawn) => {
          modes.note(snapshot.bytes)
          drawn()
          type()
        },
        gap: () => {},
        size: () => {},
        exited: () => over(false),
        gone: () => over(false),
      },
    )
    const timer = setTimeout(() => over(false), ANSWER_WITHIN_MS)
    watch.pending.subscribe(({ byteCount }) => {
      if (typed && byteCount === 0) over(true)
    })
  })
}
