import type { Manner } from './command.ts'

interface Circumstances {
  readonly switches: ReadonlySet<string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdinIsTerminal: boolean
  readonly stderrIsTerminal: boolean
}

/** How to print, from flags, environment and the kinds of the streams. */
export function mannerOf({ switches, env, stdinIsTerminal, stderrIsTerminal }: Circumstances): Manner {
  const json = switches.has('json')
  const quiet = switches.has('quiet')
  // A terminal that a person looks at and that understands more than lines.
  const rich = stderrIsTerminal && env['TERM'] !== 'dumb' && !isSet(env['CI'])
  const color = rich && !isSet(env['NO_COLOR']) && !switches.has('no-color')
  const live = rich && !json && !quiet
  return {
    json,
    quiet,
    color,
    live,
    keys: live && stdinIsTerminal,
    // The QR needs black on white whatever the theme, so it needs colour.
    qr: live && color && !switches.has('no-qr'),
  }
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== 'false'
