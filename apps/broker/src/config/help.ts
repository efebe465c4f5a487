import { settingsTable } from './settings.ts'

const COLUMNS = 88

/** The text of `--help`: usage, then every setting. */
export function helpText(): string {
  const rows = settingsTable.flatMap((row) => {
    const names = [row.flag === null ? null : `--${row.flag}`, row.env].filter((name) => name !== null)
    const byDefault = row.default === null || row.default === '' ? '' : ` Default: ${row.default}.`
    return [
      `  ${names.join(', ')}  (${row.unit})`,
      ...wrapped(`${row.description}${byDefault}`, '      '),
      '',
    ]
  })
  return [
    'The Latchkey broker: pairs phones with machines and routes their terminals.',
    '',
    'Usage: node main.js [--flag=value …]',
    '',
    'Settings, the stronger first: flags, environment, config file (--config or LATCHKEY_CONFIG, else config.json in the data folder; JSON by name).',
    'Secrets: each may be in a file that NAME_FILE names; all may come over stdin with LATCHKEY_SECRETS=stdin.',
    '',
    ...rows,
  ].join('\n')
}

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > COLUMNS && line.trim() !== '') {
      lines.push(line)
      line = indent
    }
    line += line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}
