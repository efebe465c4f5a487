import { expect, it } from 'vitest'
import type { AnswerPort } from '../questions/adapter-client.ts'
import type { AdapterQuestion } from '../questions/adapter-wire.ts'
import { AcpRelay } from './acp.ts'

function relayed() {
  const [toAgent, toEditor, steps]: [string[], string[], string[]] = [[], [], []]
  const asked: { readonly question: AdapterQuestion; readonly port: AnswerPort }[] = []
  const relay = new AcpRelay(
    'agent',
    {
      ask: (question, port) => {
        asked.push({ question, port })
        return {
          sent: () => void steps.push('sent'),
          decided: (decider) => void steps.push(`decided ${decider}`),
          ended: ({ outcome }) => void steps.push(outcome),
          over: () => void steps.push('over'),
        }
      },
    },
    { toAgent: (line) => toAgent.push(line), toEditor: (line) => toEditor.push(line) },
  )
  return { relay, toAgent, toEditor, steps, asked }
}

const request = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 5, method: 'session/request_permission' },
  params: {
    sessionId: 's',
    toolCall: { toolCallId: 'c', title: 'Run tests', kind: 'execute', rawInput: { command: 'npm test' } },
    options: [
      { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
      { optionId: 'ever', name: 'Always', kind: 'allow_always' },
      { optionId: 'no', name: 'Reject', kind: 'reject_once' },
    ],
  },
})
const done = JSON.stringify({
  method: 'session/update',
  params: { update: { sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'completed' } },
})
const response = (optionId: string) =>
  JSON.stringify({ jsonrpc: '2.0', id: 5, result: { outcome: { outcome: 'selected', optionId } } })

it('an app’s answer goes to the agent once, and the editor’s later one does not', () => {
  const { relay, toAgent, toEditor, steps, asked } = relayed()
  relay.fromAgent(request)
  expect(toEditor, 'the editor is asked as well').toEqual([request])
  expect(asked[0]?.question).toMatchObject({ kind: 'command', choices: [{ id: 'yes' }, { id: 'no' }] })
  asked[0]?.port.answer('yes')
  relay.fromEditor(response('no'))
  expect(toAgent.map((line): unknown => JSON.parse(line))).toEqual([JSON.parse(response('yes'))])
  relay.fromAgent(done)
  expect(steps).toEqual(['sent', 'decided answer', 'ran'])
})

it('the editor’s answer goes through, and an app’s later one does not', () => {
  const { relay, toAgent, steps, asked } = relayed()
  relay.fromAgent(request)
  relay.fromEditor(response('no'))
  asked[0]?.port.answer('yes')
  expect(toAgent).toEqual([response('no')])
  expect(steps).toEqual(['decided desk'])
  relay.end()
  expect(steps).toEqual(['decided desk', 'over'])
})

it('every other line passes unchanged, whatever it is', () => {
  const { relay, toAgent, toEditor } = relayed()
  for (const line of ['not json', '{"id":5,"method":"x"}', '[]', '{"jsonrpc":"2.0","id":1,"result":{}}']) {
    relay.fromAgent(line)
    relay.fromEditor(line)
  }
  expect(toAgent).toEqual(toEditor)
  expect(toAgent).toHaveLength(4)
})
