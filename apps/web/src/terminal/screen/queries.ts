import type { Terminal } from '@xterm/xterm'

/**
 * Programs ask their terminal questions, and the runner's own screen answers each exactly once. An answer of this emulator
 * would be a second one, and on a replay it would be typed into a shell that never asked. So every query is swallowed
 * before the emulator sees it (xterm, ctlseqs; ECMA-48), and its input carries a person's keys only.
 */
export function swallowQueries(terminal: Terminal): void {
  const { parser } = terminal
  const swallow = () => true
  // Device attributes: primary, secondary, tertiary; XTVERSION; keyboard protocol.
  for (const prefix of [undefined, '>', '=']) parser.registerCsiHandler(csi('c', prefix), swallow)
  parser.registerCsiHandler(csi('q', '>'), swallow)
  parser.registerCsiHandler(csi('u', '?'), swallow)
  // Status and cursor position, also the private ones (colour scheme among them).
  parser.registerCsiHandler(csi('n'), swallow)
  parser.registerCsiHandler(csi('n', '?'), swallow)
  // Terminal parameters; mode requests, ANSI and private.
  parser.registerCsiHandler(csi('x'), swallow)
  parser.registerCsiHandler({ intermediates: '$', final: 'p' }, swallow)
  parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, swallow)
  // Window reports. The other window operations change nothing here either, but they ask nothing.
  parser.registerCsiHandler(
    csi('t'),
    (params) => typeof params[0] === 'number' && WINDOW_REPORTS.has(params[0]),
  )
  // Settings (DECRQSS) and capabilities (XTGETTCAP).
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow)
  parser.registerDcsHandler({ intermediates: '+', final: 'q' }, swallow)
  // Colours: a question mark in the place of a colour asks; a colour sets.
  for (const code of [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    parser.registerOscHandler(code, (data) => data.split(';').includes('?'))
  // The clipboard is the person's: a program does not read it.
  parser.registerOscHandler(52, (data) => data.endsWith('?'))
}

const WINDOW_REPORTS: ReadonlySet<number> = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21])

const csi = (final: string, prefix?: string) => (prefix === undefined ? { final } : { prefix, final })

/** Focus reports come from the emulator's own focus, which several viewers have at once: they are no keys. */
export const isFocusReport = (data: string): boolean => data === '\u001b[I' || data === '\u001b[O'
