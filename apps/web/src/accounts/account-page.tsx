import {
  type MarketplaceConnection,
  openMarketplace,
} from '@latchkey/connection/accounts/marketplace-connection'
import type { AccountState } from '@latchkey/protocol/accounts'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { brokerOrigin } from '../broker-origin.ts'
import { Banner } from '../parts/banner.tsx'
import { Icon, Mark } from '../parts/icon.tsx'
import { useTitle } from '../parts/page.tsx'
import { browserPlatform } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES, useWords } from '../words/language.ts'
import '../styles/steps.css'
import '../styles/account-page.css'
import type { AccountProps } from './account-props.ts'
import { Consent } from './consent.tsx'
import { Linked } from './linked.tsx'
import { Methods } from './methods.tsx'
import { ownToken } from './own-token.ts'

/** The page on which a company links its WhatsApp account: consent, then QR or code, then the linked account. */
export function AccountPage({ token }: { readonly token: string | null }) {
  const text = useWords()
  const [link, setLink] = useState<MarketplaceConnection | null>(null)
  const own = ownToken(token)
  useEffect(() => {
    if (own === null) return
    const { nowMs, after } = browserPlatform
    let opened: MarketplaceConnection | null = null
    const open = () => {
      opened = openMarketplace({ brokerUrl: brokerOrigin(), token: own, nowMs, after })
      setLink(opened)
    }
    const leave = () => {
      opened?.close()
      setLink(null)
    }
    // A browser may show a page again that was left: it asks for the present state then.
    const comeBack = ({ persisted }: PageTransitionEvent) => {
      if (persisted) open()
    }
    open()
    addEventListener('pagehide', leave)
    addEventListener('pageshow', comeBack)
    return () => {
      removeEventListener('pagehide', leave)
      removeEventListener('pageshow', comeBack)
      leave()
    }
  }, [own])
  useTitle(text.linking.title)
  return <div class="page">{own === null ? <NotValid /> : link === null ? null : <Open link={link} />}</div>
}

function Open({ link }: { readonly link: MarketplaceConnection }) {
  const text = useWords()
  const view = useObservable(link.view)
  if (view.status === 'refused') return <NotValid />
  const { state } = view
  if (state === null)
    return (
      <Frame company={null}>
        <p class="dim" role="status">
          {view.status === 'connecting' ? text.loading : text.linking.noConnection}
        </p>
      </Frame>
    )
  return (
    <Frame company={state.company}>
      {view.status === 'away' ? (
        <p class="banner warn" role="status">
          <Icon name="noLink" />
          <b>{text.linking.noConnection}</b>
        </p>
      ) : null}
      <Stage link={link} view={view} state={state} />
    </Frame>
  )
}

const LINKED: ReadonlySet<AccountState['state']> = new Set([
  'connected',
  'reconnecting',
  'unlinking',
  'stopped',
  'elsewhere',
])

function Stage({ link, view, state }: AccountProps) {
  const text = useWords()
  const [agreed, setAgreed] = useState(false)
  if (LINKED.has(state.state)) return <Linked link={link} state={state} trouble={view.trouble} />
  if (state.state === 'finishing')
    return (
      <div class="wa-middle" role="status">
        <h1>{text.linking.finishing}</h1>
        <p class="lead">{text.linking.finishingLead}</p>
      </div>
    )
  if (!state.consented && !agreed) return <Consent onAgree={() => setAgreed(true)} />
  return <Methods link={link} view={view} state={state} />
}

function Frame(given: { readonly company: string | null; readonly children: ComponentChildren }) {
  const text = useWords()
  return (
    <>
      <header class="bar">
        <span class="brand">
          <Mark />
          <span>{given.company ?? text.brand}</span>
        </span>
        <span class="grow" />
        <select
          class="btn quiet"
          aria-label={text.language}
          value={text.tag}
          onChange={({ currentTarget: { value } }) => {
            const chosen = LANGUAGES.find((language) => language === value)
            if (chosen !== undefined) void chooseLanguage(chosen)
          }}
        >
          {LANGUAGES.map((language) => (
            <option key={language} value={language} lang={language}>
              {LANGUAGE_NAMES[language]}
            </option>
          ))}
        </select>
      </header>
      <main class="main wa">{given.children}</main>
    </>
  )
}

function NotValid() {
  const text = useWords()
  return (
    <Frame company={null}>
      <h1>{text.linking.title}</h1>
      <Banner
        icon="alert"
        look="bad spaced"
        role="alert"
        says={[text.linking.notValid, text.linking.notValidNext]}
      />
    </Frame>
  )
}
