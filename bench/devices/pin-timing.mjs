#!/usr/bin/env node
// node bench/devices/pin-timing.mjs [--count N]
// Whether the time in which a PIN is refused tells how many of its first digits were right. Digests of one length are compared
// to their ends, so it should not; this looks. Groups take turns in random order within one run. The same statistics on a
// comparison that stops at the first wrong digit show that they would notice.
import { createHash, randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { parseDeviceId } from '@latchkey/domain/device-pairing/ids'
import { verifyPairing } from '@latchkey/domain/device-pairing/join'
import { defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { connectDevice, createToken } from '@latchkey/domain/device-pairing/transitions'
import { instant, later } from '@latchkey/domain/kernel'
import {
  DeviceSecrets,
  joinTokenDigest,
  peerTokenDigest,
  sessionDigest,
} from '../../apps/broker/dist/device-pairing/device-secrets.js'

const { values: given } = parseArgs({ options: { count: { type: 'string', default: '20000' } } })
const COUNT = Number(given.count)
const DIGITS = 6
const BATCH = 600
/** Above it a difference is no accident, the times being a little alike from one to the next. */
const T_SUSPICIOUS = 6

const secrets = new DeviceSecrets(Buffer.alloc(32, 7))
const token = 'x'.repeat(43)

/** As one piece: a text that was put together is flattened when it is read first, which would be part of the time. */
const flat = (text) => Buffer.from(text).toString()
const anyPin = () => flat(String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0'))

/** What somebody types whose first `right` digits are right, and the next is not. */
function guess(pin, right) {
  const wrong = (Number(pin[right]) + 1 + randomInt(9)) % 10
  const rest = Array.from({ length: DIGITS - right - 1 }, () => randomInt(10)).join('')
  return flat(`${pin.slice(0, right)}${wrong}${rest}`)
}

/** The product's way: the digest of the typed PIN, and the decision about it. Made anew for each PIN. */
function product(pin) {
  const now = instant(1_700_000_000_000)
  const deviceId = parseDeviceId('a'.repeat(26))
  const digest = joinTokenDigest(token)
  const created = createToken({ token: digest, name: null, expiresAt: later(now, 300_000) }, now)
  const claim = {
    method: 'pin',
    pin: secrets.pinDigest(token, pin),
    attempts: 0,
    publicKey: 'key',
    peerToken: peerTokenDigest('secret'),
    session: sessionDigest('secret'),
  }
  const device = { deviceIp: '192.0.2.7', deviceNodeId: deviceId, name: 'Phone', claim }
  const { state } = connectDevice(created.state, device, now).value
  const view = { has: () => true, get: (kind) => (kind === 'pairing' ? state : undefined) }
  return (typed) => {
    const said = { token: digest, pin: secrets.pinDigest(token, typed), nodeId: null }
    return verifyPairing(said, defaultDeviceRules).decide(view, now).answer.refusal.code
  }
}

/** What must not be: digit by digit, until one is wrong. */
function early(pin) {
  const hash = (text) => createHash('sha256').update(text).digest('hex')
  return (typed) => {
    for (let at = 0; at < DIGITS; at++) if (hash(typed[at]) !== hash(pin[at])) return at
    return DIGITS
  }
}

function measure(checker) {
  const times = Array.from({ length: DIGITS }, () => [])
  const batches = Math.ceil((COUNT * DIGITS) / BATCH)
  for (let batch = -20; batch < batches; batch++) {
    // Made beforehand: what it takes to make a guess leaves traces in caches, and depends on how much of it is right.
    const made = Array.from({ length: BATCH }, () => {
      const right = randomInt(DIGITS)
      const pin = anyPin()
      return { right, check: checker(pin), typed: guess(pin, right) }
    })
    for (const { right, check, typed } of made) {
      const began = process.hrtime.bigint()
      check(typed)
      const took = Number(process.hrtime.bigint() - began)
      if (batch >= 0) times[right].push(took)
    }
  }
  return times.map(trimmed)
}

/** Without the slowest twentieth: those were interrupted. */
function trimmed(times) {
  const kept = times.toSorted((a, b) => a - b).slice(0, Math.floor(times.length * 0.95))
  const mean = kept.reduce((sum, each) => sum + each, 0) / kept.length
  const variance = kept.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (kept.length - 1)
  return { mean, median: kept[Math.floor(kept.length / 2)], error: variance / kept.length }
}

function print(name, groups) {
  const [none] = groups
  process.stdout.write(`\n${name}: nanoseconds to refuse, ${COUNT} guesses each\n`)
  process.stdout.write(
    '| right digits first | median | mean | against none (Welch t) |\n| ---: | ---: | ---: | ---: |\n',
  )
  const ts = groups.map((group) => (group.mean - none.mean) / Math.sqrt(group.error + none.error))
  for (const [right, { mean, median }] of groups.entries())
    process.stdout.write(
      `| ${right} | ${median} | ${mean.toFixed(0)} | ${right === 0 ? '–' : ts[right].toFixed(1)} |\n`,
    )
  return Math.max(...ts.map(Math.abs))
}

const tOfProduct = print('the product', measure(product))
const tOfEarly = print('a comparison that stops early', measure(early))
process.stdout.write(
  `\nlargest t: product ${tOfProduct.toFixed(1)}, stopping early ${tOfEarly.toFixed(1)}; suspicious from ${T_SUSPICIOUS}\n`,
)
process.exitCode = tOfProduct < T_SUSPICIOUS && tOfEarly > T_SUSPICIOUS ? 0 : 1
