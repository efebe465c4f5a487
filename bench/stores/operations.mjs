// What the stores are asked, and what the founding documents do for the same on a bare Redis.
import { randomBytes, randomInt } from 'node:crypto'
import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import { parsePairingCode } from '@latchkey/domain/runner-pairing/code'
import { registerCode, validateCode } from '@latchkey/domain/runner-pairing/founding-codes'
import { pair } from '@latchkey/domain/runner-pairing/pair'
import { heartbeat } from '@latchkey/domain/runner-pairing/presence'
import { registerRunner } from '@latchkey/domain/runner-pairing/register'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'

/** So many people at once from so few addresses are an attack anywhere else: limits are kept and looked at, but never reached. */
const limits = Object.fromEntries(
  Object.entries(defaultPairingRules.limits).map(([name, rule]) => [
    name,
    typeof rule === 'object' ? { ...rule, bansAtFailure: 1e9 } : rule,
  ]),
)
const rules = { ...defaultPairingRules, limits }

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const DAY_SECONDS = 86_400

/**
 * `code`: a code for a runner, which is all that the founding three commands do. `register`: a runner with its proof, limits,
 * epoch and lease, and a code.
 */
export const OPERATIONS = ['code', 'register', 'validate', 'pair', 'heartbeat']

/** New runners and apps; each is used once. */
export function newcomers(count) {
  const run = randomBytes(4).toString('hex')
  return Array.from({ length: count }, (_, index) => ({
    runnerId: `runner-${run}-${index}`,
    app: `app-${run}-${index}`,
    incarnation: randomBytes(16).toString('hex'),
    address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    code: newCode(),
    otherCode: newCode(),
  }))
}

/** The product's operations on one of its stores: each answers with a promise, and throws where it should have gone well. */
export function ofStore(store) {
  const ask = async (operation) => {
    const answer = await store.run(operation)
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusal))
    return answer.value
  }
  const epochs = new Map()
  return {
    code: ({ runnerId, otherCode }) =>
      ask(registerCode({ code: otherCode, runnerId: `founding ${runnerId}` }, rules)),
    async register({ runnerId, code, incarnation, address }) {
      const said = {
        runnerId,
        proposedCode: code,
        incarnation,
        publicKey: null,
        label: 'bench',
        node: null,
        routeTickets: [],
        proof: { secret: true, signature: false },
        subjects: runnerSubjects(runnerId, address),
      }
      epochs.set(runnerId, (await ask(registerRunner(said, rules))).epoch)
    },
    validate: ({ code }) => ask(validateCode({ code }, rules)),
    pair: ({ app, code, address }) =>
      ask(
        pair(
          {
            appSessionId: app,
            by: { via: 'code', candidates: [code] },
            pid: app,
            maskedCode: '***-***-***',
            subjects: appSubjects(app, address),
          },
          rules,
        ),
      ),
    heartbeat: ({ runnerId }) => ask(heartbeat({ runnerId, epoch: epochs.get(runnerId) }, rules)),
  }
}

/** The founding documents' own steps, one command after the other: fast and, as RELIABILITY shows, not safe. */
export function bare(redis) {
  const entry = ({ code, runnerId }, usedCount) => {
    const createdAt = Date.now()
    return JSON.stringify({
      code,
      runnerId,
      createdAt,
      expiresAt: createdAt + DAY_SECONDS * 1000,
      usedCount,
      isActive: true,
    })
  }
  const founding = {
    code: ({ runnerId, otherCode }) =>
      founding.register({ runnerId: `founding ${runnerId}`, code: otherCode }),
    async register(who) {
      const key = `pairing:code:${who.code}`
      if ((await redis.setnx(key, entry(who, 0))) === 0) throw new Error('DUPLICATE_CODE')
      await redis.expire(key, DAY_SECONDS)
      await redis.set(`pairing:runner:${who.runnerId}`, who.code)
    },
    async validate({ code }) {
      const found = JSON.parse(await redis.get(`pairing:code:${code}`))
      if (!found.isActive || found.expiresAt < Date.now()) throw new Error('CODE_EXPIRED')
    },
    async pair({ app, code, runnerId }) {
      if (await redis.get(`pairing:ban:${app}`)) throw new Error('RATE_LIMITED')
      const found = JSON.parse(await redis.get(`pairing:code:${code}`))
      if (!(await redis.get(`runner:heartbeat:${runnerId}`)) && found === null)
        throw new Error('RUNNER_OFFLINE')
      const session = { appSessionId: app, runnerId, pairedAt: Date.now(), isActive: true }
      await redis.set(`pairing:session:${app}`, JSON.stringify(session))
      await redis.sadd(`pairing:apps:${runnerId}`, app)
      await redis.set(`pairing:code:${code}`, JSON.stringify({ ...found, usedCount: found.usedCount + 1 }))
      await redis.del(`pairing:ratelimit:${app}`)
      await redis.lpush('pairing:history', JSON.stringify({ ...session, code: '***', success: true }))
      await redis.ltrim('pairing:history', 0, 999)
    },
    async heartbeat({ runnerId }) {
      const key = `runner:heartbeat:${runnerId}`
      await redis.set(key, String(Date.now()))
      await redis.expire(key, 60)
    },
  }
  return founding
}

function newCode() {
  const text = Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return parsePairingCode(`${text.slice(0, 3)}-${text.slice(3, 6)}-${text.slice(6)}`)
}
