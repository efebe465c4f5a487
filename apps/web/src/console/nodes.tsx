import type { NodeView } from '@latchkey/protocol/console'
import { CardHeader } from '../parts/card-header.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { span } from '../words/times.ts'

/** The broker processes that share a store. One alone is the health above, and needs no list. */
export function Nodes(props: { readonly nodes: readonly NodeView[]; readonly serverTime: number }) {
  const text = useWords()
  const { nodes, serverTime } = props
  if (nodes.length < 2) return null
  return (
    <section class="card" aria-labelledby="nodes">
      <CardHeader
        id="nodes"
        title={text.console.nodes}
        fact={text.console.alive(nodes.length)}
        all={null}
        text={text}
      />
      <ul class="rows">
        {nodes.map((node) => (
          <li key={node.nodeId} data-node={node.nodeId}>
            <span class="tile">
              <Icon name="server" />
              <i class="dot ok" />
            </span>
            <div class="grow">
              <div class="t">
                <span class="trunc">{node.host}</span>
                {node.isHere ? <span class="badge me">{text.console.thisNode}</span> : null}
              </div>
              <div class="d">
                {[
                  text.console.runnersHere(node.runners),
                  text.console.apps(node.apps),
                  text.console.channels(node.terminals),
                  text.console.up(span(serverTime - node.startedAt, text)),
                  ...(node.address === null ? [] : [node.address]),
                  node.version,
                ].join(' · ')}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
