import { LEASE_MS_MAX } from '@latchkey/domain/accounts/lease'
import { deviceNameOnPhone } from '@latchkey/protocol/accounts-api'
import { z } from 'zod'
import { flag, list, setting, unset, wholeNumber } from './setting-kinds.ts'

const SECRET_CHARS_MIN = 32
/** 32 bytes in base64url. */
const isSealKey = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)

/** The settings of WhatsApp linking. */
export const accountSettings = {
  whatsapp: setting(flag, {
    env: 'LATCHKEY_WHATSAPP',
    flag: 'whatsapp',
    unit: 'on/off',
    default: 'off',
    description:
      'Let companies link a WhatsApp account. Installs an unofficial client whose libsignal is GPL-3.0.',
  }),
  whatsappUrl: unset(z.string().regex(/^wss?:\/\//, 'must begin with wss:// or ws://'), {
    env: 'LATCHKEY_WHATSAPP_URL',
    flag: 'whatsapp-url',
    unit: 'URL',
    description: 'Where WhatsApp is, when it is not where its client looks.',
  }),
  whatsappVersion: unset(z.string().regex(/^\d+\.\d+\.\d+$/, 'must look like 2.3000.1043857760'), {
    env: 'LATCHKEY_WHATSAPP_VERSION',
    flag: 'whatsapp-version',
    unit: 'version',
    description: "The client version to claim, when WhatsApp calls the client's own outdated.",
  }),
  whatsappDeviceName: unset(deviceNameOnPhone, {
    env: 'LATCHKEY_WHATSAPP_DEVICE_NAME',
    flag: 'whatsapp-device-name',
    unit: 'text',
    description:
      'What phones list the linked device as, when a QR is scanned. With a code WhatsApp takes no names.',
  }),
  whatsappKeys: unset(list(isSealKey, 'keys of 32 bytes in base64url'), {
    env: 'LATCHKEY_WHATSAPP_KEYS',
    flag: null,
    unit: 'list of keys',
    description:
      'Keys for linked credentials: the first seals, all open. Unset: made at first start, kept in the data folder.',
  }),
  linkTokenSecret: unset(
    z.string().min(SECRET_CHARS_MIN, `must have at least ${SECRET_CHARS_MIN} characters`),
    {
      env: 'LATCHKEY_LINK_TOKEN_SECRET',
      flag: null,
      unit: 'text',
      description: 'Signs links to the linking page. Unset: made at first start, kept in the data folder.',
    },
  ),
  linkLeaseSeconds: setting(wholeNumber(3, LEASE_MS_MAX / 1_000), {
    env: 'LATCHKEY_LINK_LEASE',
    flag: 'link-lease',
    unit: 'seconds',
    default: '60',
    description: 'How long a broker that says nothing keeps its WhatsApp sessions from the others.',
  }),
  phoneRegion: setting(z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters'), {
    env: 'LATCHKEY_PHONE_REGION',
    flag: 'phone-region',
    unit: 'country',
    default: 'RU',
    description: 'Which country a phone number without a country code is of.',
  }),
}
