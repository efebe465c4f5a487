/** What the pages say about a terminal of before, in English. */
export const pastEn = {
  mark: 'of before',
  ended: (time: string) => `Ended with the machine at ${time}`,
  lead: 'This is its last screen. The lines above it are in the reader.',
  copyCommand: 'Copy the resume command',
  copied: 'Copied',
  resume: 'Resume in a new terminal',
  fresh: 'Open a new terminal here',
  forget: 'Forget',
  forgetAll: (count: number) => `Forget all ${count}`,
  note: (folder: string) => `A new shell starts in ${folder}.`,
  noteResume: (folder: string) =>
    `Both start a new shell in ${folder}. The command is typed there and runs when you press Enter.`,
  newPrivate: 'New private terminal',
}
