import {
  deliveriesReply,
  replayReply,
  type WebhookView,
  webhookReply,
  webhookSecretReply,
  webhookTestReply,
} from '@latchkey/protocol/webhooks'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ShownSecret } from '../operator/shown-secret.tsx'
import { ErrorLine } from '../parts/banner.tsx'
import { Confirm, Dialog } from '../parts/dialog.tsx'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'

type Log = ReturnType<typeof deliveriesReply.parse>['deliveries']

/** One target: its log with a replay of each event, and all that can be done about it. */
export function WebhookSheet(props: {
  readonly hook: WebhookView
  readonly serverTime: number
  readonly onChanged: () => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const { webhooks: words } = text
  const { hook, serverTime, onChanged, onClose } = props
  const [log, setLog] = useState<Log>([])
  const [said, setSaid] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [deleting, setDeleting] = useState(false)
  const path = `/webhooks/${encodeURIComponent(hook.id)}`
  useEffect(() => {
    let left = false
    void asked(deliveriesReply, 'GET', `${path}/deliveries`).then((answer) => {
      if (!left && answer.ok) setLog(answer.value.deliveries)
    })
    return () => {
      left = true
    }
  }, [path, hook])
  const done = (isDone: boolean, says: string | null = null) => {
    setFailed(!isDone)
    setSaid(isDone ? says : null)
    onChanged()
  }
  const test = async () =>
    done((await asked(webhookTestReply, 'POST', `${path}/test`, {})).ok, words.testSent)
  const replay = async (eventId: string) =>
    done((await asked(replayReply, 'POST', `${path}/replay`, { eventId })).ok, words.replayed)
  const turn = async () => done((await asked(webhookReply, 'PATCH', path, { on: hook.status !== 'on' })).ok)
  const rotate = async () => {
    const answer = await asked(webhookSecretReply, 'POST', `${path}/rotate`, {})
    if (answer.ok) setSecret(answer.value.secret)
    done(answer.ok)
  }
  const remove = async () => {
    setDeleting(false)
    const answer = await asked(NOTHING, 'DELETE', path)
    done(answer.ok)
    if (answer.ok) onClose()
  }
  if (secret !== null)
    return (
      <Dialog title={words.rotatedTitle} onClose={onClose}>
        <ShownSecret next={words.secretNext} name={words.theSecret} secret={secret} onClose={onClose} />
      </Dialog>
    )
  return (
    <Dialog title={hook.name} wide onClose={onClose}>
      <p class="small faint mono scopes">{hook.url}</p>
      <div class="row-btns">
        <button type="button" class="btn" aria-disabled={hook.status !== 'on'} onClick={() => void test()}>
          {words.test}
        </button>
        <button type="button" class="btn" onClick={() => void turn()}>
          {hook.status === 'on' ? words.switchOff : words.switchOn}
        </button>
        <button type="button" class="btn" onClick={() => void rotate()}>
          {words.rotate}
        </button>
        <button type="button" class="btn quiet bad" onClick={() => setDeleting(true)}>
          {words.remove}
        </button>
      </div>
      <p class="small dim" role="status">
        {said}
      </p>
      {failed ? <ErrorLine says={text.programs.failed} /> : null}
      <h3 class="label">{words.log}</h3>
      {log.length === 0 ? <p class="dim">{words.noLog}</p> : null}
      <ol class="log long deliveries">
        {log.map((delivery) => (
          <li key={`${delivery.eventId} ${delivery.at}`}>
            <time dateTime={new Date(delivery.at).toISOString()}>
              {moment(delivery.at, serverTime, text)}
            </time>
            <div>
              <b>{words.types[delivery.type]}</b> {words.deliveryStatus[delivery.status]}
              {delivery.lastOutcome === null
                ? ''
                : `, ${words.outcome(delivery.lastOutcome, delivery.attempts)}`}
              {delivery.dueAt === null ? '' : `, ${words.nextTry(moment(delivery.dueAt, serverTime, text))}`}{' '}
              <button
                type="button"
                class="btn quiet"
                aria-label={words.replayOne(delivery.eventId)}
                onClick={() => void replay(delivery.eventId)}
              >
                {words.replay}
              </button>
            </div>
          </li>
        ))}
      </ol>
      {deleting ? (
        <Confirm
          title={words.removeTitle(hook.name)}
          text={words.removeText}
          yes={words.remove}
          danger
          onYes={() => void remove()}
          onClose={() => setDeleting(false)}
        />
      ) : null}
    </Dialog>
  )
}

/** An answer without a body. */
const NOTHING = { safeParse: (value: unknown) => ({ success: value === null, data: true }) }
