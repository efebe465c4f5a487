import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { memberships } from '../join/memberships.ts'
import { orderRunner } from '../owner/ask-runner.ts'
import { pairingPageUrl } from '../up/facts.ts'
import { qrLines } from '../up/qr.ts'
import { readUpFile } from '../up/up-file.ts'

const QR_QUIET_ZONE_MODULES = 2

export const codeCommand: Command = {
  name: 'code',
  summary: 'show the pairing code of the runner that works here, as a service for example',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey code', does: 'code, link and QR; the link is good once and needs no PIN' },
    { line: 'latchkey code -q', does: 'the link alone' },
    { line: 'latchkey pin', does: 'then the PIN, where an app asks for one' },
  ],
  options: {
    'no-qr': { type: 'boolean', help: 'no QR code' },
    'data-dir': dataDirOption('whose runner to ask'),
  },
  run: code,
}

async function code(call: Invocation): Promise<ExitCode> {
  return orderRunner(call, { command: 'fragment' }, ({ fragment = null, locked = null }) => {
    if (fragment === null) {
      call.emit({ event: 'code', code: null })
      call.complain(
        'The runner has no code yet: its broker has not answered. Look again in a moment: latchkey status',
      )
      return EXIT.failed
    }
    const dataDir = dataDirOf(call)
    const url = readUpFile(dataDir)?.url ?? memberships(dataDir)[0]?.brokerUrl ?? null
    const link = url === null ? null : `${pairingPageUrl({ url, pageUrl: null })}#${fragment}`
    const shown = shownCode(fragment)
    call.emit({ event: 'code', code: shown, link, locked })
    if (call.manner.json) return EXIT.ended
    if (call.manner.qr && link !== null)
      for (const line of qrLines(link, QR_QUIET_ZONE_MODULES).lines) call.say(`  ${line}`)
    call.say(`  Code  ${shown}`)
    if (locked !== null) call.say('  No new app can pair. Open it again with: latchkey unlock')
    call.print(link ?? shown)
    return EXIT.ended
  })
}

/** A fragment is `1.CODE.…`. */
const shownCode = (fragment: string): string =>
  (fragment.split('.')[1] ?? '').replace(/^(.{3})(.{3})(.{3})$/, '$1-$2-$3')
