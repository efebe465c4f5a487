import { Confirm } from '../parts/dialog.tsx'
import type { KnownRunner } from '../runner-book.ts'
import { useWords } from '../words/language.ts'

/** Asks once more, then gives up this browser's access to a machine. */
export function ForgetMachine(props: {
  /** undefined when another window has forgotten it already */
  readonly runner: KnownRunner | undefined
  /** its name when it is not known any more */
  readonly label: string
  readonly onForgotten?: () => void
  readonly onClose: () => void
}) {
  const { machines } = useWords()
  const { runner, label, onForgotten, onClose } = props
  const forget = async () => {
    onClose()
    const { giveUp } = await import('./links.ts')
    if (runner !== undefined) await giveUp(runner)
    onForgotten?.()
  }
  return (
    <Confirm
      title={machines.forgetTitle(runner?.label ?? label)}
      text={machines.forgetText}
      yes={machines.forgetYes}
      danger
      onYes={() => void forget()}
      onClose={onClose}
    />
  )
}
