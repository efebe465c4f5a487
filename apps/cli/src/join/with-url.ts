import {
  type DeviceKey,
  Joining,
  type JoinRefusal,
  type JoinState,
} from '@latchkey/connection/device-pairing/joining'
import type { JoiningSecrets } from '@latchkey/connection/device-pairing/joining-secrets'
import { printable } from '@latchkey/protocol/printable'
import { nodePlatform } from '../attach/node-platform.ts'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { untilStopped } from '../up/stop-signals.ts'
import { forgetJoining, joinUrlDigest, keepMembership, secretsFor } from './memberships.ts'
import { sayJoined } from './say-joined.ts'

export interface JoinRequest {
  readonly brokerUrl: string
  readonly token: string
  readonly name: string
  readonly dataDir: string
  readonly key: DeviceKey
}

/** How long after the PIN's end the broker's answer may still come: one answer and one try. */
const LAST_WORD_MS = 20_000

/** Shows the PIN and waits until the operator has typed it in the console, or joining has failed. */
export function joinWithUrl(call: Invocation, request: JoinRequest): Promise<ExitCode> {
  const { brokerUrl, token, name, dataDir, key } = request
  const secrets = secretsFor(dataDir, brokerUrl, token)
  const joining = new Joining({
    brokerUrl,
    token,
    name,
    key,
    secrets,
    platform: nodePlatform,
    fetch: (url, init) => fetch(url, init),
  })
  let shown: string | null = null
  let timer: NodeJS.Timeout | undefined
  let end: (exitCode: ExitCode) => void = () => {}
  const ended = new Promise<ExitCode>((resolve) => {
    end = (exitCode) => {
      clearTimeout(timer)
      joining.close()
      resolve(exitCode)
    }
  })
  const lastWord = (endsAtMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        call.complain(
          'The broker stopped answering. Look in its console whether this machine joined, or run this again.',
        )
        end(EXIT.brokerUnreachable)
      },
      endsAtMs - Date.now() + LAST_WORD_MS,
    )
  }
  const hear = (state: JoinState) => {
    switch (state.status) {
      case 'asking':
        return state.unreachable ? end(unreachable(call, brokerUrl)) : undefined
      case 'pin':
        if (shown === state.pin) return
        shown = state.pin
        showPin(call, state)
        return lastWord(state.endsAtMs)
      case 'joined':
        return end(joined(call, request, state, secrets))
      case 'refused':
        return end(refused(call, request, state))
    }
  }
  joining.state.subscribe(hear)
  hear(joining.state.current)
  return untilStopped(ended, {
    onInterrupt: () => end(EXIT.interrupted),
    onTerminate: () => end(EXIT.interrupted),
    onExit: () => {},
  })
}

function unreachable(call: Invocation, brokerUrl: string): ExitCode {
  call.emit({ event: 'unreachable', url: brokerUrl })
  call.complain(`The broker at ${brokerUrl} cannot be reached. Nothing was changed; try again.`)
  return EXIT.brokerUnreachable
}

function joined(
  call: Invocation,
  { brokerUrl, token, dataDir }: JoinRequest,
  { nodeId, name, host }: StateOf<'joined'>,
  { peerToken, sessionSecret }: JoiningSecrets,
): ExitCode {
  const joinedWith = joinUrlDigest(token)
  const as = { brokerUrl, nodeId, name, host }
  const member = { ...as, peerToken, sessionSecret, joinedAtMs: Date.now(), joinedWith }
  keepMembership(dataDir, member)
  forgetJoining(dataDir, brokerUrl)
  sayJoined(call, member)
  return EXIT.ended
}

function refused(
  call: Invocation,
  { brokerUrl, dataDir }: JoinRequest,
  { why, detail }: StateOf<'refused'>,
): ExitCode {
  forgetJoining(dataDir, brokerUrl)
  call.emit({ event: 'refused', reason: why })
  call.complain(REFUSED[why])
  if (why === 'failed' && detail !== '') call.complain(printable(detail, 300))
  return EXIT.refused
}

type StateOf<Status extends JoinState['status']> = Extract<JoinState, { readonly status: Status }>

function showPin(call: Invocation, state: StateOf<'pin'>): void {
  const { pin, name, host, endsAtMs } = state
  call.emit({ event: 'pin', pin, name, host, expiresAt: endsAtMs })
  if (call.manner.json) return
  if (call.manner.quiet) {
    call.print(pin)
    return
  }
  const until = new Date(endsAtMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  call.say('')
  call.say(`  PIN   ${pin.slice(0, 3)} ${pin.slice(3)}     good until ${until}`)
  call.say('')
  call.say(`Type it in the console of ${printable(host)}, where the link came from.`)
  call.say(`This machine will be listed as ${printable(name)}. Waiting…`)
}

/** Each refusal as a sentence, with the next step. */
const REFUSED: Readonly<Record<JoinRefusal, string>> = {
  unknown: 'This link is not known to the broker. Copy it again, or make a new one in the console.',
  expired: 'This link has ended. Make a new one in the console.',
  used: 'Another device has used this link. Make a new one in the console.',
  cancelled: 'The operator cancelled this in the console. Ask for a new link.',
  'too-many-pins': 'Too many wrong PINs were typed. Make a new link in the console.',
  'device-limit': 'The broker has its full number of devices. Revoke one in the console first.',
  'address-conflict': 'Another device has the address of this one. Revoke that one in the console first.',
  'too-many-tries': 'Too many tries from this network. Wait a few minutes.',
  failed: 'The broker refused. Its log says why.',
}
