import { textOf, utf8 } from '@latchkey/protocol/bytes'
import { pairingFacts, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { encodeFirstFrame, shownHandshake } from '@latchkey/protocol/terminal/first-frame'
import { CloseReason, FrameType } from '@latchkey/protocol/terminal/frames'
import { afterEach, describe, expect, it } from 'vitest'
import { appToken, cleanUp, testBroker } from '../testing/harness.ts'
import { pairedEnds } from '../testing/paired-ends.ts'
import { enterTerminal, jsonOf, openTerminal } from '../testing/terminal-client.ts'

afterEach(cleanUp)

const ticketReply = terminalCalls['terminal:ticket'].reply
const readyFact = pairingFacts['terminal:ready']
const reasonOf = (payload: Uint8Array) => payload[0]

describe('a channel', () => {
  it('brings the runner at once what an app sent with its ticket, and nothing of it before the ticket is good', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const { app } = await join('app')
    const early = [utf8('hello'), utf8('first message')]
    const { terminal } = ticketReply.parse(await app.call('terminal:ticket'))
    expect(terminal.takesEarly).toBe(true)
    const end = await openTerminal(broker.port)
    end.socket.send(encodeFirstFrame({ ticket: terminal.ticket, early }))
    const opened = await end.next()
    expect(await runnerEnd.next()).toMatchObject({ type: FrameType.open, channel: opened.channel })
    for (const payload of early) {
      const { type, channel, payload: heard } = await runnerEnd.next()
      expect({ type, channel, heard: textOf(heard) }).toEqual({
        type: FrameType.data,
        channel: opened.channel,
        heard: textOf(payload),
      })
    }
    const again = await openTerminal(broker.port)
    again.socket.send(encodeFirstFrame({ ticket: terminal.ticket, early }))
    expect(reasonOf((await again.next()).payload)).toBe(CloseReason.badTicket)
    end.send(FrameType.data, opened.channel, utf8('later'))
    expect(textOf((await runnerEnd.next()).payload)).toBe('later')
  })

  it('is ready for an app that comes back: its ticket comes unasked', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const { app, paired } = await join('app')
    const back = await broker.connect({ clientToken: await appToken(app) })
    const ready = readyFact.parse(await back.next('terminal:ready'))
    expect(ready).toMatchObject({ runnerId: 'runner-1', pid: paired['pid'] })
    const end = await enterTerminal(broker.port, ready.terminal.ticket)
    expect((await end.next()).type).toBe(FrameType.opened)
    expect((await runnerEnd.next()).type).toBe(FrameType.open)
  })

  it('is opened by the credential of an app that comes back, in place of a ticket', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const { app, paired, channel } = await join('app')
    expect(ticketReply.parse(await app.call('terminal:ticket')).terminal.takesCredential).toBe(true)
    const credential = await appToken(app)
    const show = async (clientToken: string, label = 'app') => {
      const end = await openTerminal(broker.port)
      const shown = shownHandshake({ clientToken, label })
      end.socket.send(encodeFirstFrame({ ticket: shown, early: [utf8('first message')] }))
      return end
    }
    const end = await show(credential, 'renamed\x07')
    const opened = await end.next()
    expect(jsonOf(opened)).toMatchObject({ pid: paired['pid'], runnerId: 'runner-1' })
    const open = await runnerEnd.next()
    expect(jsonOf(open)).toMatchObject({ pid: paired['pid'], label: 'renamed', address: '127.0.0.1' })
    expect(open.channel).toBeGreaterThan(channel)
    expect(textOf((await runnerEnd.next()).payload)).toBe('first message')
    // Neither a credential that this broker has not signed, nor one of an app without a machine.
    const stranger = await appToken(await broker.connect())
    for (const useless of [`${credential.slice(0, -4)}AAAA`, stranger, '']) {
      const refused = await show(useless)
      expect(reasonOf((await refused.next()).payload), useless).toBe(CloseReason.badTicket)
    }
    await app.call('app:unpair', {})
    const later = await show(credential)
    expect(reasonOf((await later.next()).payload)).toBe(CloseReason.badTicket)
  })
})
