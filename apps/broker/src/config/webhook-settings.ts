import { isOrigin, list, setting } from './setting-kinds.ts'

/** Settings of webhooks. */
export const webhookSettings = {
  webhookTargets: setting(list(isOrigin, 'addresses like http://10.0.0.5:8080, without a path'), {
    env: 'LATCHKEY_WEBHOOK_TARGETS',
    flag: 'webhook-targets',
    unit: 'list of origins',
    default: '',
    description:
      'Servers of your own that webhooks may go to: they alone may have a private address, or speak http.',
  }),
}
