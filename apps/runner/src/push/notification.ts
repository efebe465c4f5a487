import { assertNever } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import type { PushNews } from './notify.ts'
import type { PushRecord } from './push-book.ts'
import { PUSH_WORDS, type PushWords } from './push-words.ts'
import { PUSH_TEXT_BYTES_MAX } from './sealed-push.ts'

const ABOUT_CHARS_MAX = 60
const BODY_CHARS_MAX = 300
/** lines of a summary; a phone shows four */
const LISTED_MAX = 6

/** Where notifications come from. */
export interface Sender {
  readonly runnerId: string
  readonly machine: string
}

type Reader = Pick<PushRecord, 'language' | 'page'>

interface Shown {
  readonly title: string
  readonly body: string
  /** behind the `#` of the page */
  readonly place: string
  /** a newer one with the same tag takes its place */
  readonly tag: string
  /** for a test: the page knows it again */
  readonly id?: string
}

/** The text of one notification about news, in the reader's language, for `sealPush`. */
export function notificationOf(news: readonly PushNews[], sender: Sender, reader: Reader): string {
  const words = PUSH_WORDS[reader.language]
  const [first] = news
  const machine = printable(sender.machine)
  const titles = news.map((each) => titleOf(each, words))
  if (first !== undefined && news.length === 1)
    return text(reader, {
      title: titles[0] ?? '',
      body: [printable(first.body, BODY_CHARS_MAX), machine].filter((line) => line !== '').join('\n'),
      place: placeOf(first, sender),
      tag: `${sender.runnerId}/${first.terminal}`,
    })
  return text(reader, {
    title: `${machine}: ${words.several(news.length)}`,
    body: titles.slice(0, LISTED_MAX).join('\n'),
    place: '/needs-me',
    tag: sender.runnerId,
  })
}

/** The text of a test. */
export function testNotification(id: string, sender: Sender, reader: Reader): string {
  const words = PUSH_WORDS[reader.language]
  const machine = printable(sender.machine)
  return text(reader, {
    title: words.test,
    body: words.testBody(machine),
    place: '/notifications',
    tag: 'test',
    id,
  })
}

/**
 * Declarative Web Push: Safari shows it by itself, our worker shows it elsewhere. Text that is too long for one notification is
 * cut at its end.
 */
function text({ language, page }: Reader, { title, body, place, tag, id }: Shown): string {
  for (let kept = [...body]; ; kept = kept.slice(0, Math.floor(kept.length * 0.8))) {
    const json = JSON.stringify({
      web_push: 8030,
      notification: {
        title,
        body: kept.join(''),
        lang: language,
        navigate: `${page}/#${place}`,
        tag,
        ...(id === undefined ? {} : { data: { id } }),
      },
    })
    if (kept.length === 0 || Buffer.byteLength(json) <= PUSH_TEXT_BYTES_MAX) return json
  }
}

const placeOf = ({ terminal, question }: PushNews, { runnerId }: Sender): string =>
  `/m/${encodeURIComponent(runnerId)}/${terminal}${question === undefined ? '' : `/q/${question}`}`

function titleOf({ kind, title }: PushNews, words: PushWords): string {
  const about = printable(title, ABOUT_CHARS_MAX)
  switch (kind) {
    case 'needs-you':
      return words.needsYou(about)
    case 'question':
      return words.asks(about)
    case 'failed':
      return words.failed(about)
    case 'done':
      return words.done(about)
    default:
      return assertNever(kind)
  }
}
