import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { installation } from '../installation.ts'
import { askKeeper } from '../keeper/ask-keeper.ts'
import { INSTALLED_BY_BROKER } from '../own-command.ts'
import { removeService } from '../service/service.ts'
import { stopCommand } from '../stop/stop.ts'
import { counted } from '../up/facts.ts'
import { agreed } from './agreed.ts'

export const uninstallCommand: Command = {
  name: 'uninstall',
  summary: 'remove Latchkey from this machine: program, service, keys and data',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey uninstall', does: 'says what it removes, and asks' },
    { line: 'latchkey uninstall --keep-data', does: 'keeps keys, pairings and the database' },
    { line: 'latchkey uninstall --yes', does: 'without a question; open terminals end' },
  ],
  options: {
    yes: { type: 'boolean', help: 'do not ask; end open terminals' },
    'keep-data': { type: 'boolean', help: 'keep the data folder' },
    'data-dir': dataDirOption('the folder of keys and data'),
  },
  run: uninstall,
}

async function uninstall(call: Invocation): Promise<ExitCode> {
  const here = installation()
  if (here.by === 'clone') {
    call.complain(`This Latchkey runs from a clone. Stop it with "latchkey stop", then remove ${here.folder}`)
    return EXIT.refused
  }
  const dataDir = dataDirOf(call)
  const keeper = await askKeeper(dataDir)
  const open = keeper === null || typeof keeper === 'string' ? 0 : keeper.terminals.length
  const data = call.on('keep-data') ? '' : ` and this machine's keys and data in ${dataDir}`
  const ends = open === 0 ? '' : ` ${counted(open, 'open terminal')} will end.`
  if (
    !call.on('yes') &&
    !(await agreed(
      call,
      `This removes Latchkey in ${here.folder}${data}.${ends}`,
      'To remove it without a question: latchkey uninstall --yes',
    ))
  ) {
    call.say('Nothing was removed.')
    return EXIT.refused
  }
  removeService(call)
  await stopCommand.run({
    ...call,
    on: (option) => option === 'terminals' || call.on(option),
    say: () => {},
    emit: () => {},
  })
  if (!call.on('keep-data')) rmSync(dataDir, { recursive: true, force: true })
  call.emit({ event: 'uninstalled', by: here.by, folder: here.folder })
  if (here.by === 'npm') {
    call.say('Stopped, and the data is removed. Now remove the program: npm uninstall -g latchkey')
    return EXIT.ended
  }
  removeCommand(join(call.env['HOME'] ?? '', '.local', 'bin', 'latchkey'))
  rmSync(here.home, { recursive: true, force: true })
  call.say('Latchkey is removed.')
  return EXIT.ended
}

/** Removes the command, unless another program has put its own there. */
function removeCommand(path: string): void {
  try {
    if (readFileSync(path, 'utf8').includes(INSTALLED_BY_BROKER)) rmSync(path)
  } catch {
    // There is none.
  }
}
