/** What a terminal's output says of its program. Anything can print it, so it is a hint and no more. */
export type Sign =
  | { readonly type: 'bell' }
  | { readonly type: 'title'; readonly text: string }
  /** the program has a title of its own for a while (CSI 22 t), and gives the earlier one back (CSI 23 t) */
  | { readonly type: 'title-saved' }
  | { readonly type: 'title-restored' }
  /** where the shell is; `host` is set when it names another machine */
  | { readonly type: 'folder'; readonly path: string; readonly host: string | null }
  /** the shell's marks (OSC 133 and 633): a prompt begins, a command begins, a command has ended */
  | { readonly type: 'prompt' }
  | { readonly type: 'command' }
  | { readonly type: 'command-ended'; readonly exit: number | null }
  | { readonly type: 'progress'; readonly state: Progress; readonly percent: number | null }
  | { readonly type: 'notification'; readonly text: string }
  | ReportSign
  | { readonly type: 'mode'; readonly mode: 'alternate' | 'focus'; readonly on: boolean }
  /** RIS: the terminal is as new */
  | { readonly type: 'reset' }

export type Progress = 'none' | 'normal' | 'error' | 'indeterminate' | 'paused'

/** One record of the Program Status Protocol (OSC 7501, revision 0.4). */
export interface ReportSign {
  readonly type: 'report'
  readonly state: (typeof REPORT_STATES)[number]
  /** '' for the program itself, else one of its tasks */
  readonly id: string
  readonly kind: ReportKind | null
  readonly program: string | null
  readonly message: string | null
  readonly percent: number | null
}
export type ReportKind = (typeof REPORT_KINDS)[number]

export const REPORT_STATES = ['idle', 'working', 'blocked', 'done', 'error', 'clear'] as const
export const REPORT_KINDS = ['permission', 'question', 'auth'] as const
