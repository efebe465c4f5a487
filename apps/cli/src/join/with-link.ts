import {
  Joining,
  type JoinRefusal,
  type JoinState,
  type NodeKey,
} from '@latchkey/connection/device-pairing/joining'
import { printable } from '@latchkey/protocol/printable'
import { nodePlatform } from '../attach/node-platform.ts'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { untilStopped } from '../up/stop-signals.ts'
import { forgetAttempt, keepMembership, linkDigest, secretsFor } from './memberships.ts'
import { sayJoined } from './say-joined.ts'

export interface JoinRequest {
  readonly brokerUrl: string
  readonly token: string
  readonly name: string
  readonly dataDir: string
  readonly key: NodeKey
}

/** The broker's last word may be late by the time of an answer and a try. */
const LAST_WORD_MS = 20_000

/** Shows the PIN and waits until somebody has typed it at the console, or it has come to nothing. */
export function joinWithLink(call: Invocation, request: JoinRequest): Promise<ExitCode> {
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
  const hear = (state: JoinState) => {
    switch (state.status) {
      case 'asking':
        if (state.unreachable) {
          call.emit({ event: 'unreachable', url: brokerUrl })
          call.complain(`The broker at ${brokerUrl} cannot be reached. Nothing was changed; try again.`)
          end(EXIT.brokerUnreachable)
        }
        return
      case 'pin':
        if (shown === state.pin) return
        shown = state.pin
        showPin(call, state)
        clearTimeout(timer)
        timer = setTimeout(
          () => {
            call.complain('The broker was not heard of again. Look in its console, or run this once more.')
            end(EXIT.brokerUnreachable)
          },
          state.endsAtMs - Date.now() + LAST_WORD_MS,
        )
        return
      case 'joined': {
        const { nodeId, host } = state
        const { peerToken, sessionSecret } = secrets
        const as = { brokerUrl, nodeId, name: state.name, host }
        const joinedWith = linkDigest(token)
        const member = { ...as, peerToken, sessionSecret, joinedAtMs: Date.now(), joinedWith }
        keepMembership(dataDir, member)
        forgetAttempt(dataDir, brokerUrl)
        sayJoined(call, member)
        return end(EXIT.ended)
      }
      case 'refused':
        forgetAttempt(dataDir, brokerUrl)
        call.emit({ event: 'refused', reason: state.why })
        call.complain(REFUSED[state.why])
        if (state.why === 'failed' && state.detail !== '') call.complain(printable(state.detail, 300))
        return end(EXIT.refused)
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

function showPin(call: Invocation, state: Extract<JoinState, { readonly status: 'pin' }>): void {
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

/** What happened and what to do next. */
const REFUSED: Readonly<Record<JoinRefusal, string>> = {
  unknown: 'This link is not known there. Copy it once more, or make a new one in the console.',
  expired: 'This link has ended. Make a new one in the console.',
  used: 'Another device has used this link. Make a new one in the console.',
  cancelled: 'Joining was stopped in the console.',
  'too-many-pins': 'Too many wrong PINs were typed. Make a new link in the console.',
  'device-limit': 'There is no place for another device. Revoke one in the console first.',
  'address-conflict': 'Another device has the address of this one. Revoke that one in the console first.',
  'too-many-tries': 'Too many tries from this network. Wait a few minutes.',
  failed: 'The broker refused.',
}
