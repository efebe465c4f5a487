import { accountsOverview, companyUrlReply, companyUrlRequest } from '@latchkey/protocol/accounts'
import * as accountWire from '@latchkey/protocol/accounts-api'
import * as keyWire from '@latchkey/protocol/api-keys'
import { machinesReply } from '@latchkey/protocol/console'
import * as webhookWire from '@latchkey/protocol/webhooks'
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
    act: 'api-key-made',
    body: keyWire.makeKeyRequest,
    reply: keyWire.makeKeyReply,
    problems: ['TOO_MANY_KEYS'],
  },
  'delete /operator/keys/{id}': {
    summary: 'Revokes an API key: from now on it opens nothing.',
    by: 'operator',
    act: 'api-key-revoked',
    reply: keyWire.revokeKeyReply,
    problems: ['NO_SUCH_KEY'],
  },
})

const startProblems = [
  'NO_SUCH_ACCOUNT',
  'CONSENT_REQUIRED',
  'REQUEST_IN_PROGRESS',
  'ALREADY_LINKED',
  'COOLDOWN',
  'OTHER_NODE',
] as const

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
  'get /accounts': {
    summary:
      'All accounts, page by page, with state, reason and what to do next. Where linking is switched on.',
    by: 'operator',
    scope: 'accounts:read',
    query: accountWire.accountsQuery,
    reply: accountWire.accountsReply,
  },
  'post /accounts': {
    summary: 'The account of a company, made if it is new. Nothing is asked of WhatsApp yet.',
    by: 'operator',
    scope: 'accounts:link',
    body: accountWire.claimAccountRequest,
    reply: accountWire.accountReply,
  },
  'get /accounts/{id}': {
    summary: 'One account: its state, the reason for it, and what to do next. Never a QR or a code.',
    by: 'operator',
    scope: 'accounts:read',
    reply: accountWire.accountReply,
    problems: ['NO_SUCH_ACCOUNT'],
  },
  'patch /accounts/{id}': {
    summary: 'Names the company for lists.',
    by: 'operator',
    scope: 'accounts:link',
    act: 'account-changed',
    body: accountWire.nameAccountRequest,
    reply: accountWire.accountReply,
    problems: ['NO_SUCH_ACCOUNT'],
  },
  'post /accounts/{id}/proxy': {
    summary:
      'The proxy of an account, http or socks5, from its next connection on; null: none. Its name and password are told to nobody.',
    by: 'operator',
    act: 'account-changed',
    body: accountWire.accountProxyRequest,
    reply: accountWire.accountReply,
    problems: ['NO_SUCH_ACCOUNT'],
  },
  'post /accounts/{id}/qr': {
    summary: 'Asks WhatsApp for QRs. Asked again while they are shown, it changes nothing.',
    by: 'operator',
    scope: 'accounts:link',
    act: 'account-link-asked',
    body: accountWire.startQrRequest,
    reply: accountWire.accountReply,
    problems: startProblems,
  },
  'get /accounts/{id}/qr.png': {
    summary: 'The QR that is shown now, as PNG; its end is in `Expires` and `latchkey-expires-at`.',
    by: 'operator',
    scope: 'accounts:link',
    reply: 'text',
    mediaType: 'image/png',
    problems: ['NO_SUCH_ACCOUNT', 'NO_QR'],
  },
  'get /accounts/{id}/qr.svg': {
    summary: 'The QR that is shown now, as SVG; its end is in `Expires` and `latchkey-expires-at`.',
    by: 'operator',
    scope: 'accounts:link',
    reply: 'text',
    mediaType: 'image/svg+xml',
    problems: ['NO_SUCH_ACCOUNT', 'NO_QR'],
  },
  'post /accounts/{id}/code': {
    summary: 'Asks WhatsApp for a code for one number.',
    by: 'operator',
    scope: 'accounts:link',
    act: 'account-link-asked',
    body: accountWire.startCodeRequest,
    reply: accountWire.accountReply,
    problems: [...startProblems, 'PHONE_INVALID', 'PHONE_TOO_SHORT', 'PHONE_TOO_LONG', 'NUMBER_UNAVAILABLE'],
  },
  'get /accounts/{id}/code': {
    summary: 'The code that is shown now, which a person types on the phone.',
    by: 'operator',
    scope: 'accounts:link',
    reply: accountWire.accountCodeReply,
    problems: ['NO_SUCH_ACCOUNT', 'NO_CODE'],
  },
  'post /accounts/{id}/cancel': {
    summary: 'Ends the attempt to link that runs, also one that a page began.',
    by: 'operator',
    scope: 'accounts:link',
    reply: accountWire.accountReply,
    problems: ['NO_SUCH_ACCOUNT', 'ALREADY_LINKED', 'OTHER_NODE'],
  },
  'post /accounts/{id}/reconnect': {
    summary: 'Tries an account that is stopped, or waits for its next connection, now.',
    by: 'operator',
    scope: 'accounts:link',
    act: 'account-tried',
    reply: accountWire.accountReply,
    problems: ['NO_SUCH_ACCOUNT', 'REQUEST_IN_PROGRESS', 'INVALID_REQUEST', 'COOLDOWN', 'OTHER_NODE'],
  },
  'post /accounts/{id}/unlink': {
    summary: 'Removes this device from the account, and forgets it.',
    by: 'operator',
    scope: 'accounts:link',
    act: 'account-unlinked',
    reply: accountWire.unlinkReply,
    problems: ['NO_SUCH_ACCOUNT', 'REQUEST_IN_PROGRESS', 'OTHER_NODE'],
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

export const webhooks = table('webhooks', {
  'get /webhooks': {
    summary: 'All webhooks: where they go, what they tell of, and how they fare.',
    by: 'operator',
    scope: 'webhooks:read',
    reply: webhookWire.webhooksReply,
  },
  'post /webhooks': {
    summary: 'Makes a webhook. The answer has its secret, which is told once.',
    by: 'operator',
    scope: 'webhooks:write',
    act: 'webhook-made',
    body: webhookWire.makeWebhookRequest,
    reply: webhookWire.webhookSecretReply,
    problems: ['TARGET_NOT_ALLOWED', 'TOO_MANY_WEBHOOKS'],
  },
  'patch /webhooks/{id}': {
    summary: 'Changes a webhook, or switches it on or off.',
    by: 'operator',
    scope: 'webhooks:write',
    act: 'webhook-changed',
    body: webhookWire.changeWebhookRequest,
    reply: webhookWire.webhookReply,
    problems: ['TARGET_NOT_ALLOWED', 'NO_SUCH_WEBHOOK'],
  },
  'delete /webhooks/{id}': {
    summary: 'Deletes a webhook, and gives up what waits for it.',
    by: 'operator',
    scope: 'webhooks:write',
    act: 'webhook-deleted',
    reply: 'nothing',
    problems: ['NO_SUCH_WEBHOOK'],
  },
  'post /webhooks/{id}/rotate': {
    summary: 'A new secret. Until the overlap is over, each delivery is signed with the old one too.',
    by: 'operator',
    scope: 'webhooks:write',
    act: 'webhook-secret-replaced',
    body: webhookWire.rotateWebhookRequest,
    reply: webhookWire.webhookSecretReply,
    problems: ['NO_SUCH_WEBHOOK'],
  },
  'post /webhooks/{id}/test': {
    summary: 'Sends an event of the type `webhook.test`, whatever types the webhook tells of.',
    by: 'operator',
    scope: 'webhooks:write',
    reply: webhookWire.webhookTestReply,
    problems: ['NO_SUCH_WEBHOOK', 'WEBHOOK_OFF'],
  },
  'get /webhooks/{id}/deliveries': {
    summary: 'The log of a webhook, the newest first, page by page. Two weeks are kept.',
    by: 'operator',
    scope: 'webhooks:read',
    query: webhookWire.deliveriesQuery,
    reply: webhookWire.deliveriesReply,
    problems: ['NO_SUCH_WEBHOOK'],
  },
  'post /webhooks/{id}/replay': {
    summary: 'Sends an event again, or all that were given up since a moment; they keep their ids.',
    by: 'operator',
    scope: 'webhooks:write',
    act: 'webhook-replayed',
    body: webhookWire.replayRequest,
    reply: webhookWire.replayReply,
    problems: ['NO_SUCH_WEBHOOK', 'NO_SUCH_EVENT', 'WEBHOOK_OFF'],
  },
})
