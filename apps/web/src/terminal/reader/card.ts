/** One command with its output, or text that belongs to none. */
export interface Card {
  /** the same as long as the card is */
  readonly key: string
  /**
   * `marked`: the shell told of it. `guessed`: cut out by what looks like a prompt. `text`: belongs to no command. `prompt`: where
   * the next command is typed.
   */
  readonly kind: 'marked' | 'guessed' | 'text' | 'prompt'
  /** null where it is not known */
  readonly command: string | null
  readonly runs: boolean
  /** null while it runs, and where it is not known */
  readonly exit: number | null
  /** epoch milliseconds; null where they are not known */
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  /** the shell's folder when the command was typed; null where it is not known */
  readonly folder: string | null
  /** the output, rows that the terminal wrapped joined again, without blank lines at its end */
  readonly lines: readonly string[]
}

/** What a person copies of a card. */
export function cardText({ command, lines }: Card): string {
  return [...(command === null ? [] : [`$ ${command}`]), ...lines].join('\n')
}

export const TEXT: Omit<Card, 'key' | 'lines'> = {
  kind: 'text',
  command: null,
  runs: false,
  exit: null,
  startedAtMs: null,
  endedAtMs: null,
  folder: null,
}
