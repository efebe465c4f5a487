/** What the console says about the line that installs Latchkey on a machine, in English. */
export const installEn = {
  title: 'Or run this on the other machine',
  region: 'The line to run',
  copy: 'Copy the line',
  copied: 'Copied',
  packing: 'Packing this broker’s release…',
  orJoin: 'Or on a machine:',
  what: 'What the line does',
  fetches: (kilobytes: number) =>
    `Fetches one script from this broker (${kilobytes} KB), to read before it runs:`,
  checks:
    'Stops unless the script’s hash is the green one. The script holds the hashes of all that it fetches.',
  places: (version: string, fetchedMb: number, installedMb: number) =>
    `Puts Latchkey ${version} into the home folder: ${fetchedMb} MB to fetch, ${installedMb} MB on disk. No root, nothing from anywhere else. Where Node 22 is missing, it takes this broker’s.`,
  joins: 'Joins and shows a PIN. Type it here. Then it asks whether to start with the machine.',
  undo: 'To undo all of it:',
  trust:
    'The line is as trustworthy as this page. If this broker is not yours, ask its operator for the hash.',
}
