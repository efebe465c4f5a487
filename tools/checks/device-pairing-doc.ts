import {
  exampleCommands,
  exampleStates,
  T0,
} from '../../packages/domain/src/device-pairing/examples.fixture.ts'
import { defaultDeviceRules } from '../../packages/domain/src/device-pairing/rules.ts'

const SECOND_MS = 1_000

/** What every command comes to in every state, found out by asking the machine itself. */
function explored() {
  return Object.entries(exampleStates).flatMap(([name, state]) =>
    Object.entries(exampleCommands).map(([command, run]) => {
      const step = run(state, T0)
      const to = step.ok ? step.value.state.status : null
      const events = step.ok ? step.value.events.map(({ type }) => type) : []
      const refusal = step.ok ? '' : step.refusal.code
      return { name, from: state.status, command, to, events, refusal }
    }),
  )
}

/** docs/device-pairing.md: the machine of states as it is, drawn by exploring it. */
export function devicePairingDocument(): string {
  const all = explored()
  const arrows = new Map<string, Set<string>>()
  for (const { from, command, to } of all) {
    if (to === null) continue
    const arrow = `${from} --> ${to}`
    arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(command))
  }
  const drawing = [...arrows].map(([arrow, commands]) => `  ${arrow}: ${[...commands].join(', ')}`)
  const rows = all
    .filter(({ to }) => to !== null)
    .map(({ name, command, to, events }) => `| ${name} | ${command} | ${to} | ${events.join(', ') || '–'} |`)
  const refused = Object.keys(exampleStates).map((name) => {
    const commands = all
      .filter((each) => each.name === name && each.to === null)
      .map(({ command }) => command)
    return `| ${name} | ${commands.join(', ') || '–'} |`
  })
  const { tokenLifeMs, verifiedLifeMs, attemptsMax, endedKeptMs, pollEveryMs, slowDownMs } =
    defaultDeviceRules
  return `# Pairing a device

Generated from \`packages/domain/src/device-pairing\` by \`npm run fix\`, by asking the machine what each command comes to in
each state: change the machine, not this file. The HTTP calls are in [openapi.json](openapi.json).

\`\`\`mermaid
stateDiagram-v2
  [*] --> TokenCreated: start
${drawing.join('\n')}
  DeviceRegistered --> [*]
  Failed --> [*]
\`\`\`

A join token lives ${tokenLifeMs / SECOND_MS} s and is good for one device; scanning does not prolong it. With a PIN, \`PinVerified\` is passed through
inside the transaction that registers the device: node, peer token, session and events are written together or not at
all. With consent (RFC 8628) it waits up to ${verifiedLifeMs / SECOND_MS} s for the device to fetch its token. ${attemptsMax} wrong PINs end a pairing. A device polls every
${pollEveryMs / SECOND_MS} s; a poll that comes too soon adds ${slowDownMs / SECOND_MS} s, for good. Every minute, expired pairings are failed; ${endedKeptMs / SECOND_MS / 60} minutes after its end a pairing is
forgotten. From a deadline on, the deadline included, every command but *cancel* and *expire* is refused with \`TOKEN_EXPIRED\`.

| from | command | to | events |
| --- | --- | --- | --- |
${rows.join('\n')}

Refused with \`INVALID_TRANSITION\`, from and to:

| in | commands |
| --- | --- |
${refused.join('\n')}
`
}
