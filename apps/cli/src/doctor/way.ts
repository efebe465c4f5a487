import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { brokerInfo, problem } from '@latchkey/protocol/console'
import { printable } from '@latchkey/protocol/printable'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { version } from '../version.ts'
import { broken, type Finding, fine, leftOut, warns } from './finding.ts'
import { keepStill, openUpgrade } from './upgrade.ts'

/** A broker far away answers within a second; one that does not in this time is not to be worked with. */
const ANSWER_WITHIN_MS = 5_000
/** Codes and tickets live by the broker's clock; a difference makes the displayed times wrong. */
const CLOCK_APART_MS_MAX = 60_000
const DAY_MS = 24 * 60 * 60 * 1_000
/** A certificate that ends sooner should be renewed by now: the usual ones are renewed a month before. */
const CERTIFICATE_DAYS_MIN = 14
/** How much of the keep-alive's interval a slow way may take besides. */
const LATE_MS_MAX = 5_000
/** Two lines half a second apart that arrive closer than this were held back. */
const APART_MS_MIN = 200
const PROXY_HELP = 'docs/recipes/reverse-proxy.md has settings for nginx, Caddy and others'

const at = (brokerUrl: string, path: string): URL => new URL(path, brokerUrl.replace(/\/*$/, '/'))
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.startsWith('127.') || host === '[::1]'

/** Everything between here and the broker, in the order in which one rests on the other; ends at the first that is broken. */
export async function* judgeWay(
  brokerUrl: string,
  { isQuick }: { readonly isQuick: boolean },
): AsyncGenerator<Finding> {
  for (const look of [judgeName, judgeTls]) {
    for (const finding of await look(new URL(brokerUrl))) {
      yield finding
      if (finding.state === 'broken') return
    }
  }
  const answers = await judgeBroker(brokerUrl)
  yield* answers
  if (answers.some(({ check, state }) => check === 'broker' && state === 'broken')) return
  // No proxy is on the way to this machine itself.
  const withIdle = !isQuick && !isLoopback(new URL(brokerUrl).hostname)
  yield* judgeUpgrade(brokerUrl, withIdle)
  yield await judgeBuffering(brokerUrl)
}

/** The host's addresses; nothing for a host that is one. */
export async function judgeName({ hostname }: URL): Promise<readonly Finding[]> {
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return []
  const beganMs = performance.now()
  try {
    const found = await lookup(hostname, { all: true })
    const addresses = found.map(({ address }) => address).join(', ')
    return [fine('name', `${hostname} is ${addresses}`, performance.now() - beganMs)]
  } catch (failure) {
    return [
      broken(
        'name',
        `${hostname} has no address: ${whyOf(failure)}`,
        'check the spelling of --broker, and the name in your DNS',
      ),
    ]
  }
}

/** Version and certificate; for plain HTTP across a network, what it lacks. */
export async function judgeTls({ protocol, hostname, port }: URL): Promise<readonly Finding[]> {
  if (protocol === 'http:') {
    return isLoopback(hostname)
      ? []
      : [
          leftOut(
            'TLS',
            'plain HTTP: terminals are sealed, but browsers install no page and lend no clipboard',
            'latchkey up --https self-signed, or a proxy with a certificate',
          ),
        ]
  }
  const host = hostname.replace(/^\[|\]$/g, '')
  const beganMs = performance.now()
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    })
    const end = (finding: Finding): void => {
      socket.destroy()
      resolve([finding])
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () =>
      end(broken('TLS', 'no answer in time', `check that ${host} listens there, and its firewall`)),
    )
    socket.on('error', (failure) =>
      end(broken('TLS', whyOf(failure), 'check that this port speaks HTTPS: --broker http://… otherwise')),
    )
    socket.on('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate()
      const said = `${(socket.getProtocol() ?? 'TLS').replace(/^TLSv/, '')}, certificate ends ${new Date(validTo).toISOString().slice(0, 10)}`
      end(
        judgeCertificate(
          said,
          String(socket.authorizationError ?? ''),
          Date.parse(validTo) - Date.now(),
          performance.now() - beganMs,
        ),
      )
    })
  })
}

function judgeCertificate(said: string, distrust: string, leftMs: number, ms: number): Finding {
  const days = Math.floor(leftMs / DAY_MS)
  if (distrust !== '')
    return broken(
      'TLS',
      `${said}, but it is not trusted: ${distrust}`,
      'NODE_EXTRA_CA_CERTS=FILE latchkey doctor, with the authority that signed it, or renew it',
    )
  return days < CERTIFICATE_DAYS_MIN
    ? warns('TLS', `${said} (${days} days)`, 'renew the certificate')
    : fine('TLS', `${said} (${days} days)`, ms)
}

/** Whether it answers, which versions it speaks, whether it can write, and how far its clock is from ours. */
export async function judgeBroker(brokerUrl: string): Promise<readonly Finding[]> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  try {
    const startedMs = Date.now()
    const told = await fetch(at(brokerUrl, 'broker.json'), { signal })
    const heardMs = Date.now()
    const info = brokerInfo.safeParse(await told.json().catch(() => null))
    if (!info.success)
      return [
        broken(
          'broker',
          `the server at ${brokerUrl} is no Latchkey broker (it answered ${told.status})`,
          'latchkey doctor --broker URL, with the address of the broker',
        ),
      ]
    const ready = await fetch(at(brokerUrl, 'readyz'), { signal })
    const why = problem.safeParse(await ready.json().catch(() => null)).data?.detail
    const clock = judgeClock(told.headers.get('date'), startedMs, heardMs)
    return [
      judgeVersions(info.data, heardMs - startedMs),
      ready.ok
        ? fine('ready', 'the broker can read and write')
        : broken(
            'ready',
            `the broker is not ready: ${printable(why ?? `it answered ${ready.status}`, 200)}`,
            'mend what it names; its log has more',
          ),
      ...(clock === null ? [] : [clock]),
      ...judgePush(info.data.pushKey),
    ]
  } catch (failure) {
    return [
      broken(
        'broker',
        `${brokerUrl} cannot be reached: ${printable(whyOf(failure), 200)}`,
        'start it with latchkey up, or name another: latchkey doctor --broker URL',
      ),
    ]
  }
}

/** @param key what subscriptions are made with; null where push is off, absent from older brokers */
function judgePush(key: string | null | undefined): readonly Finding[] {
  if (key === undefined) return []
  return key === null
    ? [leftOut('push', 'this broker sends no notifications', 'LATCHKEY_PUSH_SUBJECT=mailto:YOU latchkey up')]
    : [fine('push', 'this broker sends notifications')]
}

function judgeVersions(told: { readonly version: string; readonly protocol: number }, ms: number): Finding {
  const said = `version ${printable(told.version)}, protocol ${told.protocol}; here ${version} and ${PROTOCOL_VERSION}`
  if (told.protocol === PROTOCOL_VERSION) return fine('broker', said, ms)
  const older = told.protocol < PROTOCOL_VERSION ? 'the broker' : 'this machine'
  return broken('broker', said, `update ${older}: it is the older one`)
}

/**
 * @param date the header of an answer, in whole seconds; null when there was none
 * @param askedMs and `heardMs` this machine's clock around the call
 */
export function judgeClock(date: string | null, askedMs: number, heardMs: number): Finding | null {
  const brokersMs = Date.parse(date ?? '')
  if (Number.isNaN(brokersMs)) return null
  const apartMs = brokersMs < askedMs - 1_000 ? askedMs - brokersMs : Math.max(0, brokersMs - heardMs)
  const seconds = Math.round(apartMs / 1_000)
  return apartMs <= CLOCK_APART_MS_MAX
    ? fine('clock', seconds <= 1 ? 'as the broker’s' : `${seconds} s from the broker’s`)
    : warns(
        'clock',
        `${seconds} s from the broker’s`,
        'set the clock of the wrong one of the two, by NTP (timedatectl set-ntp true)',
      )
}

/** Whether a WebSocket passes, and with `withIdle` whether it lives through the silence between two keep-alives. */
export async function* judgeUpgrade(brokerUrl: string, withIdle: boolean): AsyncGenerator<Finding> {
  const beganMs = performance.now()
  const upgrade = await openUpgrade(brokerUrl, ANSWER_WITHIN_MS)
  if (upgrade.status !== 'open') {
    const why =
      upgrade.status === 'answered'
        ? `the answer was ${upgrade.httpStatus} instead of 101`
        : printable(upgrade.why, 200)
    yield broken('upgrade', `WebSocket does not pass: ${why}`, `let the proxy pass upgrades: ${PROXY_HELP}`)
    return
  }
  const { socket, pingEveryMs } = upgrade
  yield fine('upgrade', 'WebSocket passes', performance.now() - beganMs)
  const everySeconds = Math.round(pingEveryMs / 1_000)
  if (!withIdle) {
    socket.destroy()
    yield leftOut('idle', `not tried: it takes ${everySeconds} s, and a proxy on the way`)
    return
  }
  const { lived, silentMs } = await keepStill(socket, pingEveryMs + LATE_MS_MAX)
  yield lived
    ? fine('idle', `lives through the ${everySeconds} s between two keep-alives`)
    : warns(
        'idle',
        `cut after ${Math.round(silentMs / 1_000)} s of silence, by a proxy or firewall on the way`,
        `at the proxy: a read time-out above ${everySeconds} s (proxy_read_timeout 75s; in nginx)`,
      )
}

/** Whether the first line of a slow answer arrives before the second one. */
export async function judgeBuffering(brokerUrl: string): Promise<Finding> {
  const beganMs = performance.now()
  try {
    const response = await fetch(at(brokerUrl, 'doctor/drip'), {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    if (!response.ok || response.body === null)
      return leftOut('buffering', 'this broker is older than the question', 'update the broker')
    const arrivedMs: number[] = []
    for await (const _ of response.body) arrivedMs.push(performance.now())
    const [first = 0, last = 0] = [arrivedMs[0], arrivedMs.at(-1)]
    return last - first >= APART_MS_MIN
      ? fine('buffering', 'a slow answer arrives as it is sent', first - beganMs)
      : warns(
          'buffering',
          'a slow answer arrives all at once: the console will stand still',
          'at the proxy: no buffering of answers (proxy_buffering off; in nginx)',
        )
  } catch (failure) {
    return warns('buffering', `a slow answer does not arrive: ${printable(whyOf(failure), 200)}`, PROXY_HELP)
  }
}

function whyOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  // fetch says "fetch failed" and keeps the reason behind it.
  return failure.cause instanceof Error ? failure.cause.message : failure.message
}
