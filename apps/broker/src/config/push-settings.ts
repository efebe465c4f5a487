import { isIP } from 'node:net'
import { z } from 'zod'
import { isOrigin, list, setting, unset, wholeNumber } from './setting-kinds.ts'

/** Names that are reserved (RFC 2606, 6761, 6762, 8375) or used inside a house: no push service can write there. */
const UNREAL = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|example|home\.arpa)$/
const DOCUMENTATION = /(^|\.)example\.(com|net|org)$/

/**
 * Whether a push service can reach the operator there (RFC 8292, 2.1). Apple answers 403 BadJwtToken to others, so that they are
 * refused at the start.
 */
export function isPushSubject(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.protocol === 'https:') return isRealDomain(url.hostname)
  const [, user = '', domain = ''] = /^([^@\s?]+)@([^@\s?]+)$/.exec(url.pathname) ?? []
  return url.protocol === 'mailto:' && user !== '' && isRealDomain(domain.toLowerCase())
}

function isRealDomain(domain: string): boolean {
  if (isIP(domain.replace(/^\[|\]$/g, '')) !== 0) return false
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) && !UNREAL.test(domain) && !DOCUMENTATION.test(domain)
}

/** Settings of push. */
export const pushSettings = {
  pushSubject: unset(
    z
      .string()
      .refine(
        isPushSubject,
        'must be an https or mailto address in a domain of yours, such as mailto:you@your-domain.net: push services refuse others',
      ),
    {
      env: 'LATCHKEY_PUSH_SUBJECT',
      flag: 'push-subject',
      unit: 'address',
      description:
        'Where push services reach the operator, as mailto: or https: address. Unset: no notifications are sent.',
    },
  ),
  pushServers: setting(list(isOrigin, 'addresses like https://ntfy.example.com, without a path'), {
    env: 'LATCHKEY_PUSH_SERVERS',
    flag: 'push-servers',
    unit: 'list of origins',
    default: '',
    description:
      'Push servers of your own (ntfy, UnifiedPush): they alone may have a private address, or speak http.',
  }),
  pushPerMinute: setting(wholeNumber(1, 10_000), {
    env: 'LATCHKEY_LIMIT_PUSH',
    flag: 'limit-push',
    unit: 'notifications a minute',
    default: '60',
    description: 'Notifications that one machine may send; more are refused.',
  }),
}
