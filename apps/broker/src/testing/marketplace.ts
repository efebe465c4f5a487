import type { AccountRules } from '@latchkey/domain/accounts/rules'
import { defaultAccountRules } from '@latchkey/domain/accounts/rules'
import { type AccountState, accountRefusal, accountState } from '@latchkey/protocol/accounts'
import { SignJWT } from 'jose'
import { openLibrary } from '../../../../packages/whatsapp/src/library.ts'
import { FakeWhatsApp } from '../../../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import type { FakeBehaviour } from '../../../../packages/whatsapp/src/testing/phone-server.ts'
import type { AccountFailure } from '../accounts/account-report.ts'
import type { BrokerOptions } from '../broker.ts'
import { atCleanUp, connect, type TestBroker, type TestClient, testBroker, until } from './harness.ts'
import { Secrets } from './secrets.ts'

export const TOKEN_SECRET = 'a secret of thirty-two characters, at least'
export const CONSENT = '2026-11'

/** A broker with linking switched on, and the WhatsApp it talks to. */
export interface Marketplace {
  readonly broker: TestBroker
  readonly wa: FakeWhatsApp
  readonly captured: AccountFailure[]
  token(salon: string, claims?: object, secret?: string, expiresAt?: number): Promise<string>
  /** a page of this company */
  page(salon: string, auth?: Readonly<Record<string, unknown>>): Promise<TestClient>
}

export async function marketplace(
  rules: Partial<AccountRules> = {},
  behaviour: Partial<FakeBehaviour> = {},
  more: {
    readonly flags?: Readonly<Record<string, string>>
    readonly webhooks?: NonNullable<BrokerOptions['webhooks']>
  } = {},
): Promise<Marketplace> {
  const wa = await FakeWhatsApp.start(behaviour)
  atCleanUp(() => wa.stop())
  const captured: AccountFailure[] = []
  const secrets = new Secrets()
  secrets.add(TOKEN_SECRET)
  const pages: TestClient[] = []
  let written: readonly string[] = []
  // Whatever a test did: nothing of it may have been written down.
  atCleanUp(() => {
    for (const page of pages) addHeard(secrets, page)
    secrets.expectNoneIn([...written, ...captured.map((failure) => JSON.stringify(failure))])
  })
  const broker = await testBroker(
    { whatsapp: 'on', ...more.flags },
    { LATCHKEY_LINK_TOKEN_SECRET: TOKEN_SECRET },
    {
      library: openLibrary({ url: wa.url, version: null }),
      rules: { ...defaultAccountRules, ...rules },
      capture: (failure) => void captured.push(failure),
    },
    more.webhooks,
  )
  written = broker.log
  const token: Marketplace['token'] = async (
    salon,
    claims = {},
    secret = TOKEN_SECRET,
    expiresAt = 3_600,
  ) => {
    const signed = await new SignJWT({ company_id: 'company-1', salon_id: salon, ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresAt)
      .sign(new TextEncoder().encode(secret))
    secrets.add(signed)
    return signed
  }
  return {
    broker,
    wa,
    captured,
    token,
    page: async (salon, auth) => {
      const page = await connectTo(broker, auth ?? { token: await token(salon) })
      pages.push(page)
      await page.next('link-state')
      return page
    },
  }
}

/** A connection to the namespace; rejects with what the broker said. */
export async function connectTo(broker: TestBroker, auth: object, options = {}): Promise<TestClient> {
  return connect(`${broker.url}/marketplace`, { ...auth }, options)
}

function addHeard(secrets: Secrets, page: TestClient): void {
  for (const { qr, code, phoneNumber } of statesOf(page)) {
    if (qr !== null) secrets.addQr(qr.text)
    if (code !== null) secrets.addCode(code.code)
    if (phoneNumber !== null) secrets.addPhone(phoneNumber)
  }
}

/** All pictures that a page was told, in order. */
export const statesOf = (page: TestClient): readonly AccountState[] =>
  page.heard.filter(({ event }) => event === 'link-state').map(({ data }) => accountState.parse(data))
export const lastState = (page: TestClient): AccountState | undefined => statesOf(page).at(-1)
export const errorsOf = (page: TestClient) =>
  page.heard
    .filter(({ event }) => event === 'pairing-code-error' || event === 'error')
    .map(({ event, data }) => ({ event, ...accountRefusal.parse(data) }))
export const reaches = (page: TestClient, state: string) =>
  until(`a page to show ${state}`, () => lastState(page)?.state === state)
