import { brokerInfo } from '@latchkey/protocol/console'
import { useEffect, useState } from 'preact/hooks'
import { askBrokerInfo } from './broker-info.ts'

/** The commands to type where the broker runs. */
const INSTALLED = { start: 'latchkey', console: 'latchkey status --console' }
const IN_CLONE = { start: 'npm start', console: 'npx latchkey status --console' }

let known: typeof INSTALLED | null = null

/** Commands that work on the broker's machine: an installed release and a clone are called in different ways. */
export function useMachineCommands(): typeof INSTALLED {
  const [commands, setCommands] = useState(known ?? INSTALLED)
  useEffect(() => {
    if (known !== null) return
    void ask().then((told) => {
      known = told
      if (told !== null) setCommands(told)
    })
  }, [])
  return commands
}

async function ask(): Promise<typeof INSTALLED | null> {
  try {
    return brokerInfo.safeParse(await askBrokerInfo()).data?.installed === true ? INSTALLED : IN_CLONE
  } catch {
    return null
  }
}
