const LETTERS = 8
const GROUP = 4

/** A typed or pasted user code as it is shown: capitals, and a dash in the middle. */
export function groupedUserCode(typed: string): string {
  const letters = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, LETTERS)
  return letters.length <= GROUP ? letters : `${letters.slice(0, GROUP)}-${letters.slice(GROUP)}`
}

/** Whether it is whole. */
export const isUserCode = (grouped: string): boolean => grouped.length === LETTERS + 1
