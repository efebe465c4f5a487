import type { FleetMachine } from '@latchkey/domain/fleet/fleet'
import { useEffect, useState } from 'preact/hooks'
import type { OwnFleet } from '../fleet/own-fleet.ts'
import { Row } from '../parts/card.tsx'
import { goTo } from '../places.ts'
import type { KnownRunner } from '../runner-book.ts'
import { useWords } from '../words/language.ts'

/** The owner's machines that this browser has not opened yet: one tap opens one, if the machine allows it. */
export function FleetRows({ machines }: { readonly machines: readonly KnownRunner[] }) {
  const own = useOwnFleet()
  const known = new Set(machines.map(({ runnerId }) => runnerId))
  const others = own?.list.machines.filter(({ runnerId }) => !known.has(runnerId)) ?? []
  if (own?.certificate == null || others.length === 0) return null
  const { certificate } = own
  return (
    <div class="card fleet-rows">
      <ul class="rows">
        {others.map((machine) => (
          <FleetRow
            key={machine.runnerId}
            machine={machine}
            owner={own.list.owner}
            certificate={certificate}
          />
        ))}
      </ul>
    </div>
  )
}

/** The fleet of this browser. It comes with the connecting part, which the list does not wait for. */
function useOwnFleet(): OwnFleet | null {
  const [own, setOwn] = useState<OwnFleet | null>(null)
  useEffect(() => {
    let end = () => {}
    let left = false
    void Promise.all([import('../fleet/own-fleet.ts'), import('../fleet/gossip.ts')]).then(
      ([{ ownFleet }, { startGossip }]) => {
        if (left) return
        startGossip()
        const look = () => setOwn(ownFleet.current)
        end = ownFleet.subscribe(look)
        look()
      },
    )
    return () => {
      left = true
      end()
    }
  }, [])
  return own
}

function FleetRow(props: {
  readonly machine: FleetMachine
  readonly owner: string
  readonly certificate: Uint8Array
}) {
  const { myDevices: says } = useWords()
  const { machine, owner, certificate } = props
  const [state, setState] = useState<'closed' | 'opening' | 'refused'>('closed')
  const open = async () => {
    if (state === 'opening') return
    setState('opening')
    const { openFleetMachine } = await import('../link/fleet-machine.ts')
    if (await openFleetMachine(machine, owner, certificate))
      goTo({ page: 'terminal', runnerId: machine.runnerId, terminal: null })
    else setState('refused')
  }
  const facts = { closed: says.notOpened, opening: says.opening, refused: says.notReached }[state]
  return (
    <Row icon="server" dot="off" name={machine.label} facts={facts}>
      <button type="button" class="btn primary" aria-busy={state === 'opening'} onClick={() => void open()}>
        {says.open}
        <span class="vh"> {machine.label}</span>
      </button>
    </Row>
  )
}
