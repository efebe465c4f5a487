/** What the service worker does with push messages. Written without imports of the pages: the worker is one small file. */

/** The parts of a worker that notifications need. */
export interface NotifyingWorker {
  readonly registration: {
    showNotification(title: string, options: NotificationOptions): Promise<void>
  }
  readonly clients: {
    matchAll(query: { readonly type: 'window'; readonly includeUncontrolled: true }): Promise<readonly Page[]>
    openWindow(address: string): Promise<unknown>
  }
  readonly location: { readonly origin: string }
  readonly navigator?: { readonly language: string }
}
interface Page {
  readonly visibilityState: string
  focus(): Promise<unknown>
  postMessage(data: unknown): void
}

/** What a message says, as far as it says anything: Declarative Web Push, made by a machine of this browser. */
interface Said {
  readonly title: string
  readonly options: NotificationOptions & {
    readonly data: { readonly navigate: string; readonly id: string | null }
  }
}

const TITLE_CHARS_MAX = 200
const BODY_CHARS_MAX = 1_000

/** The broker calls the operator without a word: a message that has content is sealed by a machine. In the browser's own language. */
const CALLS: Readonly<Record<string, readonly [title: string, body: string]>> = {
  en: ['Something happened at your broker', 'Open the console to see it.'],
  ru: ['На вашем брокере что-то произошло', 'Откройте консоль, чтобы увидеть.'],
  zh: ['您的中转服务器有事发生', '打开控制台查看。'],
}

function callOf(language: string, origin: string): Said {
  const tag = language.slice(0, 2)
  const lang = tag in CALLS ? tag : 'en'
  const [title, body] = CALLS[lang] ?? ['', '']
  const data = { navigate: `${origin}/console#/activity`, id: null }
  return { title, options: { body, lang, tag: 'operator', icon: '/icon-192.png', data } }
}

/** Reads a message. One that cannot be read says only that something came: a browser takes push away from a page that shows nothing. */
export function saidBy(text: string, origin: string, language = 'en'): Said {
  if (text === '') return callOf(language, origin)
  const at = fieldsOf(fieldsOf(parsed(text))['notification'])
  const { title, body, tag, lang } = at
  const id = fieldsOf(at['data'])['id']
  const navigate = typeof at['navigate'] === 'string' ? at['navigate'] : ''
  return {
    title: typeof title === 'string' && title !== '' ? title.slice(0, TITLE_CHARS_MAX) : 'Latchkey',
    options: {
      body: typeof body === 'string' ? body.slice(0, BODY_CHARS_MAX) : '',
      icon: '/icon-192.png',
      ...(typeof tag === 'string' && { tag, renotify: true }),
      ...(typeof lang === 'string' && { lang }),
      data: {
        // A tap leads nowhere but into these pages.
        navigate: URL.canParse(navigate) && new URL(navigate).origin === origin ? navigate : `${origin}/`,
        id: typeof id === 'string' ? id : null,
      },
    },
  }
}

/** Shows every message, always; pages that are open hear which one was shown. */
export async function showPushed(worker: NotifyingWorker, text: string): Promise<void> {
  const { title, options } = saidBy(text, worker.location.origin, worker.navigator?.language)
  await worker.registration.showNotification(title, options)
  for (const page of await pagesOf(worker)) page.postMessage({ shown: options.data.id })
}

/** A tap: the page that is open goes there, or one is opened. */
export async function followTap(worker: NotifyingWorker, notification: Notification): Promise<void> {
  notification.close()
  const address = fieldsOf(notification.data)['navigate']
  const open = typeof address === 'string' ? address : `${worker.location.origin}/`
  const pages = await pagesOf(worker)
  const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0]
  if (page === undefined) return void (await worker.clients.openWindow(open))
  page.postMessage({ open })
  await page.focus()
}

const pagesOf = ({ clients }: NotifyingWorker) =>
  clients.matchAll({ type: 'window', includeUncontrolled: true })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
