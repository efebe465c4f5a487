import { type WebhookView, webhooksReply } from '@latchkey/protocol/webhooks'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { NewWebhook } from './new-webhook.tsx'
import { WebhookSheet } from './webhook-sheet.tsx'

const AGAIN_MS = 5_000

/** Where the broker reports to: each target with its standing, and the way to its log. */
export function Webhooks({ serverTime }: { readonly serverTime: number }) {
  const text = useWords()
  const { webhooks: words } = text
  const [hooks, setHooks] = useState<readonly WebhookView[] | null>(null)
  const [making, setMaking] = useState(false)
  const [open, setOpen] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const load = async () => {
    const answer = await asked(webhooksReply, 'GET', '/webhooks')
    if (answer.ok) setHooks(answer.value.webhooks)
    setFailed(!answer.ok)
  }
  useEffect(() => {
    void load()
    const timer = setInterval(() => void load(), AGAIN_MS)
    return () => clearInterval(timer)
  }, [])
  const on = hooks?.filter(({ status }) => status === 'on').length ?? 0
  const shown = hooks?.find(({ id }) => id === open) ?? null
  return (
    <section class="card webhooks" aria-labelledby="webhooks">
      <header>
        <h2 id="webhooks">{words.title}</h2>
        <span class="faint num">{text.devices.of(on, hooks?.length ?? 0)}</span>
        <span class="grow" />
        <button type="button" class="btn quiet" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {words.newHook}
        </button>
      </header>
      {failed ? <ErrorLine says={text.programs.failed} /> : null}
      {hooks?.length === 0 ? <p class="empty">{words.none}</p> : null}
      <ul class="rows">
        {(hooks ?? []).map((hook) => (
          <li key={hook.id}>
            <span class={`dot ${dotOf(hook)}`} />
            <div class="grow">
              <div class="t">
                <span class="trunc">{hook.name}</span>
                {hook.status === 'on' ? null : <span class="badge warn">{words.status[hook.status]}</span>}
              </div>
              <div class="d mono scopes">{hook.url}</div>
              <div class="d">{factsOf(hook, serverTime, text)}</div>
            </div>
            <button
              type="button"
              class="btn quiet"
              aria-label={words.openOne(hook.name)}
              onClick={() => setOpen(hook.id)}
            >
              {words.open}
            </button>
          </li>
        ))}
      </ul>
      {making ? <NewWebhook onMade={() => void load()} onClose={() => setMaking(false)} /> : null}
      {shown === null ? null : (
        <WebhookSheet
          hook={shown}
          serverTime={serverTime}
          onChanged={() => void load()}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  )
}

function dotOf({ status, failingSince }: WebhookView): string {
  if (status !== 'on') return 'off'
  return failingSince === null ? 'ok' : 'warn'
}

function factsOf(hook: WebhookView, serverTime: number, text: Words): string {
  const { webhooks: words } = text
  const { types, failingSince, pending, dead, lastDeliveredAt } = hook
  return [
    types === null ? words.everything : types.map((type) => words.types[type]).join(', '),
    ...(failingSince === null ? [] : [words.failingSince(moment(failingSince, serverTime, text))]),
    ...(pending === 0 ? [] : [words.waiting(pending)]),
    ...(dead === 0 ? [] : [words.givenUp(dead)]),
    lastDeliveredAt === null
      ? words.neverDelivered
      : words.delivered(moment(lastDeliveredAt, serverTime, text)),
  ].join(' · ')
}
