/** What the pages say about all terminals of a machine at once, in English. */
export const tabsEn = {
  all: (count: number) => (count === 1 ? 'Overview of 1 terminal' : `Overview of ${count} terminals`),
  title: (machine: string) => `All terminals of ${machine}`,
  needYou: (count: number) => (count === 1 ? 'one needs you' : `${count} need you`),
  back: 'Back to the terminal',
  find: 'Find a terminal',
  found: (count: number, of: number) => `${count} of ${of}`,
  notFound: 'No terminal has this in its name, its folder or its last lines.',
  rename: (name: string) => `Rename ${name}`,
  close: (name: string) => `Close ${name}`,
  /** below the field of a name */
  unnamed: 'Leave it empty, and the terminal is called by its program again.',
}
