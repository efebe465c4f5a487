/** Something that a person may want to be called for. All text is untrusted: it came from a program or an agent. */
export interface PushNews {
  readonly terminal: number
  readonly kind: 'needs-you' | 'done' | 'failed' | 'question'
  /** what it is about, such as the program's name */
  readonly title: string
  readonly body: string
  /** the id of the question, 16 bytes in hex */
  readonly question?: string
}

/** Calls the apps that want to be called for it, and are not looking. */
export type Notify = (news: PushNews) => void
