/**
 * A process that sends the webhooks of a database until it is killed: `node sender.fixture.ts <database> <origin of the target>`
 */
import { sqliteConversations } from '@latchkey/stores/sqlite/conversations'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { webhookStore } from '@latchkey/stores/webhooks/webhook-sql'
import { openLog } from '../log/log.ts'
import { attempting, attemptMsMax } from './attempt.ts'
import { IMPATIENT } from './impatient.fixture.ts'
import { WebhookSecrets } from './webhook-secrets.ts'
import { WebhookSender } from './webhook-sender.ts'

const [path = '', target = ''] = process.argv.slice(2)
const clock = Date.now
const store = webhookStore(sqliteConversations(await openSqlite(path), { clock }))
const secrets = new WebhookSecrets(Buffer.alloc(32, 7))
const lookUp = async () => []
const sender = new WebhookSender({
  store,
  rules: IMPATIENT,
  attempt: attempting({ secrets, rules: IMPATIENT, targets: [target], lookUp, clock }),
  attemptMsMax: attemptMsMax(IMPATIENT),
  clock,
  log: openLog('silent'),
  instance: String(process.pid),
  isAlone: true,
  leaseMs: 60_000,
})
sender.nudge()
// Its own timer keeps no process alive.
setInterval(() => {}, 60_000)
