import { accountsOverview, companyUrlReply, companyUrlRequest } from '@latchkey/protocol/accounts'
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
    body: webhookWire.makeWebhookRequest,
    reply: webhookWire.webhookSecretReply,
    problems: ['TARGET_NOT_ALLOWED', 'TOO_MANY_WEBHOOKS'],
  },
  'patch /webhooks/{id}': {
    summary: 'Changes a webhook, or switches it on or off.',
    by: 'operator',
    scope: 'webhooks:write',
    body: webhookWire.changeWebhookRequest,
    reply: webhookWire.webhookReply,
    problems: ['TARGET_NOT_ALLOWED', 'NO_SUCH_WEBHOOK'],
  },
  'delete /webhooks/{id}': {
    summary: 'Deletes a webhook, and gives up what waits for it.',
    by: 'operator',
    scope: 'webhooks:write',
    reply: 'nothing',
    problems: ['NO_SUCH_WEBHOOK'],
  },
  'post /webhooks/{id}/rotate': {
    summary: 'A new secret. Until the overlap is over, each delivery is signed with the old one too.',
    by: 'operator',
    scope: 'webhooks:write',
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
    body: webhookWire.replayRequest,
    reply: webhookWire.replayReply,
    problems: ['NO_SUCH_WEBHOOK', 'NO_SUCH_EVENT', 'WEBHOOK_OFF'],
  },
})
