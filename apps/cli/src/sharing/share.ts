import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { orderRunner } from '../owner/ask-runner.ts'
import { readUpFile } from '../up/up-file.ts'
import { readGuests, readLifetime, shareLine, shareUrl } from './share-words.ts'

export const shareCommand: Command = {
  name: 'share',
  summary: 'make a link that opens one terminal in any browser, to watch; list and end links',
  words: 'TERMINAL | list | end LINK',
  wordsMax: 2,
  examples: [
    { line: 'latchkey share build', does: 'one browser may watch it for an hour; earlier lines stay hidden' },
    {
      line: 'latchkey share build --type --for 8h --browsers 3',
      does: 'three browsers may type in it for eight hours',
    },
    {
      line: 'latchkey share end 1f3a',
      does: 'its guests are gone at once; latchkey share list shows the ids',
    },
  ],
  options: {
    type: { type: 'boolean', help: 'guests may type: they can run every command there' },
    for: { type: 'string', value: 'TIME', help: 'how long it opens: 30m, 8h, 7d at most; 1h by default' },
    browsers: { type: 'string', value: 'NUMBER', help: 'how many may use it, at most 16; 1 by default' },
    history: { type: 'boolean', help: 'guests also see what was printed before they came' },
    all: { type: 'boolean', help: 'with end: every link' },
    page: { type: 'string', value: 'URL', help: 'where the pages are, if the broker does not serve them' },
    'data-dir': dataDirOption('whose runner to ask'),
  },
  run: share,
}

async function share(call: Invocation): Promise<ExitCode> {
  const [first, second] = call.words
  if (first === 'end') return end(call, second)
  if (first === undefined || second !== undefined) return badUsage(call, USAGE)
  if (first === 'list') return list(call)
  return open(call, first)
}

const USAGE =
  'Say which terminal: latchkey share TERMINAL. Or: latchkey share list, latchkey share end LINK, or end --all.'

function badUsage(call: Invocation, why: string): ExitCode {
  call.complain(why)
  return EXIT.badUsage
}

function open(call: Invocation, terminal: string): Promise<ExitCode> | ExitCode {
  const forMs = readLifetime(call.text('for'))
  if (forMs === null) return badUsage(call, 'A link opens for 1m to 7d: --for 30m, --for 8h, --for 2d.')
  const guestsMax = readGuests(call.text('browsers'))
  if (guestsMax === null) return badUsage(call, 'A link lets in 1 to 16 browsers: --browsers 3.')
  const wish = { terminal, type: call.on('type'), history: call.on('history'), forMs, guestsMax }
  return orderRunner(call, { command: 'share', ...wish }, ({ shares = [], fragment, brokerUrl = '' }) => {
    const [made] = shares
    if (made === undefined || typeof fragment !== 'string') return EXIT.failed
    const page = call.text('page') ?? readUpFile(dataDirOf(call))?.url ?? brokerUrl
    const url = shareUrl(page, fragment)
    call.emit({ event: 'shared', url, ...made })
    if (call.manner.json) return EXIT.ended
    call.print(url)
    const may = made.mayType ? 'type in' : 'watch'
    const many = guestsMax === 1 ? 'the first browser that opens it' : `the first ${guestsMax} browsers`
    call.say(`Lets ${many} ${may} this terminal, and nothing else. Pass the link on like a key.`)
    call.say(`End it with: latchkey share end ${made.share.slice(0, 8)}`)
    return EXIT.ended
  })
}

const list = (call: Invocation): Promise<ExitCode> =>
  orderRunner(call, { command: 'shares' }, ({ shares = [] }) => {
    call.emit({ event: 'shares', shares })
    if (call.manner.json || call.manner.quiet) return EXIT.ended
    if (shares.length === 0) call.say('No link is open.')
    for (const each of shares) call.print(shareLine(each))
    return EXIT.ended
  })

function end(call: Invocation, said: string | undefined): Promise<ExitCode> | ExitCode {
  if (call.on('all') === (said !== undefined)) return badUsage(call, USAGE)
  return orderRunner(call, { command: 'unshare', share: said ?? null }, ({ shares = [] }) => {
    call.emit({ event: 'unshared', shares })
    if (shares.length === 0) call.say('No link is open.')
    for (const each of shares) call.say(`Ended: ${shareLine(each)}`)
    return EXIT.ended
  })
}
