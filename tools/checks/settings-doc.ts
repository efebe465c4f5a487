import { settingsTable } from '../../apps/broker/src/config/settings.ts'

const INTRODUCTION = `# Settings of a broker

Written by \`npm run fix\` from \`apps/broker/src/config/settings.ts\`. \`latchkey up --help\` shows the same.

Flags beat the environment, the environment beats \`config.json\` in the data folder (by the names in \`settings.ts\`). All problems
are listed at once. A variable that looks like a setting but is none is reported at start, with the nearest setting.

A setting without a flag is a secret. It comes from the environment, from a file of its own (its name with \`_FILE\`), or over
standard input (\`LATCHKEY_SECRETS=stdin\`, lines \`NAME=value\`).
`

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** `docs/settings.md`: every setting of the broker. */
export function settingsDocument(): string {
  const rows = settingsTable.map(({ env, flag, unit, default: byDefault, description }) => {
    const fallback = byDefault === null || byDefault === '' ? '–' : `\`${byDefault}\``
    const names = flag === null ? `\`${env}\`` : `\`--${flag}\`<br>\`${env}\``
    return `| ${names} | ${cell(unit)} | ${fallback} | ${cell(description)} |`
  })
  const table = ['| setting | unit | default | what |', '| --- | --- | --- | --- |', ...rows]
  return [INTRODUCTION, ...table, ''].join('\n')
}
