import { WA_CERT_DETAILS } from 'baileys'

/**
 * `node --import` of a process that is to trust a fake server's root instead of WhatsApp's: FAKE_WA_ROOT, 64 hex digits. No
 * product code is involved: Baileys reads the exported object at each handshake.
 */
const hex = process.env['FAKE_WA_ROOT']
if (hex !== undefined) {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error('FAKE_WA_ROOT must be 64 hex digits')
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(hex, 'hex')
}
