import { randomBytes } from 'node:crypto'
import type { AcceptChannel } from '@latchkey/connection/runner/terminal-plane'
import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { connectApp } from './app-under-test.ts'

type Status = Extract<RunnerMessage, { readonly type: 'status' }>

const WAIT_MS_MAX = 60_000

/** An app that knows the feature `status`, with one terminal that it watches and types into. */
export async function personAtTerminal(accept: AcceptChannel, app = 'person') {
  const phone = connectApp(accept, { app, greet: false })
  phone.say({ type: 'hello', version: PROTOCOL_VERSION, label: app, features: ['status'] })
  const terminal = await phone.open()
  phone.attach(terminal, { writer: randomBytes(16).toString('hex') })
  await phone.heard('attached')
  let typed = 0
  /** the messages before this one were dealt with */
  let dealtWith = 0
  return {
    phone,
    terminal,
    type: (text: string) => {
      phone.type(terminal, typed, text)
      typed += Buffer.byteLength(text)
    },
    /** The next status, after those that were waited for, that satisfies `test`. */
    becomes: async (test: (status: Status) => boolean): Promise<Status> => {
      const endMs = performance.now() + WAIT_MS_MAX
      for (;;) {
        const next = phone.messages.slice(dealtWith).findIndex((each) => each.type === 'status' && test(each))
        const found = phone.messages[dealtWith + next]
        if (next >= 0 && found?.type === 'status') {
          dealtWith += next + 1
          return found
        }
        if (performance.now() > endMs)
          throw new Error(
            `the status after this did not come: ${JSON.stringify(phone.messages.findLast(({ type }) => type === 'status'))}`,
          )
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    get statuses(): readonly Status[] {
      return phone.messages.filter((each) => each.type === 'status')
    },
  }
}
