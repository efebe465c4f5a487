import { accountsOverview, companyUrlReply, companyUrlRequest } from '@latchkey/protocol/accounts'
import * as keyWire from '@latchkey/protocol/api-keys'
import { machinesReply } from '@latchkey/protocol/console'
import { table } from './route.ts'

/** What programs of the operator's build on, and the keys that they are let in with. */

export const keys = table('operator', {
  'get /operator/keys': {
    summary: 'All API keys, the newest first. Keys that are over stay listed for a month.',
    by: 'operator',
    reply: keyWire.keysReply,
  },
  'post /operator/keys': {
    summary: 'Makes an API key for a program. The answer has the key itself, which is never told again.',
    by: 'operator',
    body: keyWire.makeKeyRequest,
    reply: keyWire.makeKeyReply,
    problems: ['TOO_MANY_KEYS'],
  },
  'delete /operator/keys/{id}': {
    summary: 'Revokes an API key: from now on it opens nothing.',
    by: 'operator',
    reply: keyWire.revokeKeyReply,
    problems: ['NO_SUCH_KEY'],
  },
})

export const linking = table('linking', {
  'get /operator/linking/sessions': {
    summary:
      'Which companies have linked their WhatsApp account, or are linking. Where linking is switched on.',
    by: 'operator',
    scope: 'accounts:read',
    reply: accountsOverview,
  },
  'post /operator/linking/links': {
    summary: 'A link to the page where a company links its WhatsApp account. Where linking is switched on.',
    by: 'operator',
    scope: 'accounts:link',
    body: companyUrlRequest,
    reply: companyUrlReply,
  },
})

export const machines = table('machines', {
  'get /machines': {
    summary:
      'The machines whose runners this broker knows, those that were seen last first; two hundred at most.',
    by: 'operator',
    scope: 'machines:read',
    reply: machinesReply,
  },
})
