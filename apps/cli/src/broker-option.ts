import type { Decision } from '@latchkey/domain/kernel'
import { accept, refuse } from '@latchkey/domain/kernel'
import type { CommandOption, Invocation } from './command.ts'

/** The option `--broker` of a command that asks a broker; without it, the one on this machine is asked. */
export const brokerOption: CommandOption = {
  type: 'string',
  value: 'URL',
  help: 'the broker to ask; by default the one on this machine',
}

/** Whether `text` is an absolute http or https address. */
export const isHttpAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

/** The broker that `--broker` names, null when it was not given; or the problem with it, as a sentence. */
export function namedBroker(call: Invocation): Decision<string | null, string> {
  const broker = call.text('broker')
  if (broker === undefined) return accept(null)
  return isHttpAddress(broker)
    ? accept(broker)
    : refuse(`--broker: "${broker}" is no address. Write it like https://broker.example.`)
}
