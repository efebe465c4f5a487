import { join, resolve } from 'node:path'
import { defaultDataDirectory } from '@latchkey/broker/config/data-directory'
import { trustAuthority } from '@latchkey/runner/authority'
import type { CommandOption, Invocation } from './command.ts'

/** The option `--data-dir`. @param help the folder's role in this command */
export const dataDirOption = (help: string): CommandOption => ({
  type: 'string',
  value: 'FOLDER',
  help: `${help} (LATCHKEY_DATA_DIR)`,
})

/** The data directory of a command that only looks: option, environment, default. Absolute. */
export function dataDirOf(call: Invocation): string {
  const named = call.text('data-dir') ?? call.env['LATCHKEY_DATA_DIR']
  return resolve(named === undefined || named === '' ? defaultDataDirectory(call.env) : named)
}

/** Trusts the certificate that a broker of this data directory made for itself (`--https self-signed`). */
export const trustOwnBroker = (call: Invocation): void =>
  trustAuthority(join(dataDirOf(call), 'tls', 'cert.pem'))
