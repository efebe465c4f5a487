import type { InstanceView } from '@latchkey/protocol/console'
import { Card, Row } from '../parts/card.tsx'
import { useWords } from '../words/language.ts'
import { span } from '../words/times.ts'

/** The broker instances that share a store. A single one has its health above, and needs no list. */
export function Instances(props: { readonly nodes: readonly InstanceView[]; readonly serverTime: number }) {
  const text = useWords()
  const { nodes, serverTime } = props
  if (nodes.length < 2) return null
  return (
    <Card id="nodes" title={text.console.nodes} fact={text.console.alive(nodes.length)}>
      <ul class="rows">
        {nodes.map((node) => (
          <Row
            key={node.nodeId}
            data-node={node.nodeId}
            icon="server"
            dot="ok"
            name={
              <>
                <span class="trunc">{node.host}</span>
                {node.isHere ? <span class="badge me">{text.console.thisNode}</span> : null}
              </>
            }
            facts={[
              text.console.runnersHere(node.runners),
              text.console.apps(node.apps),
              text.console.channels(node.terminals),
              text.console.up(span(serverTime - node.startedAt, text)),
              ...(node.address === null ? [] : [node.address]),
              node.version,
            ].join(' · ')}
          />
        ))}
      </ul>
    </Card>
  )
}
