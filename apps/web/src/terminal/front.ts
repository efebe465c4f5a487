import type { AppLink, WantedTerminal } from '@latchkey/connection/app/link'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useEffect, useRef, useState } from 'preact/hooks'
import { fetchParts } from '../parts/later.tsx'
import { useObservable } from '../use-observable.ts'
import type { Screen } from './screen/screen.ts'
import type { Screens } from './screen/screens.ts'
import { roughSize } from './screen/window-size.ts'

/** The terminal to show: the wanted one, else the newest that still runs, else the newest. */
export function frontOf(terminals: readonly TerminalInfo[], wanted: number | null): TerminalInfo | null {
  return (
    terminals.find((info) => info.terminal === wanted) ??
    terminals.findLast((info) => info.exit === null) ??
    terminals.at(-1) ??
    null
  )
}

/** Opens a terminal and shows it. `typed` is typed in it once it has a prompt; the person presses Enter. */
export type OpenTerminal = (wanted?: Omit<WantedTerminal, 'cols' | 'rows'>, typed?: string | null) => void

/** Text to type in a terminal that was just opened. */
export interface ToType {
  readonly terminal: number
  readonly text: string
}

/** A shell that prints no prompt for so long is typed into without one. */
const PROMPT_WITHIN_MS = 3_000

/** Types `toType` once its terminal is in front and has drawn something: earlier, the text would be echoed twice. */
export function useTypedAtPrompt(screen: Screen | null, toType: ToType | null, onDone: () => void): void {
  useEffect(() => {
    if (screen === null || toType?.terminal !== screen.terminal) return
    const run = () => {
      end()
      onDone()
      screen.typeText(toType.text)
    }
    const drawn = screen.emulator.onRender(() => screen.text.trim() !== '' && run())
    const timer = setTimeout(run, PROMPT_WITHIN_MS)
    const end = () => {
      drawn.dispose()
      clearTimeout(timer)
    }
    return end
  }, [screen, toType])
}

/** The first terminal is drawn before anything else is fetched. */
const FETCH_AFTER_MS = 3_000

/** Once a screen has drawn something, fetches the parts of the page that were put off: they are wanted without a network as well. */
export function usePartsFetched(screen: Screen | null): void {
  useEffect(() => {
    if (screen === null) return
    let timer: ReturnType<typeof setTimeout> | null = null
    const drawn = screen.emulator.onRender(() => {
      if (timer === null && screen.text.trim() !== '')
        timer = setTimeout(() => void fetchParts(), FETCH_AFTER_MS)
      if (timer !== null) drawn.dispose()
    })
    return () => {
      drawn.dispose()
      if (timer !== null) clearTimeout(timer)
    }
  }, [screen])
}

/**
 * Opens terminals. The first one opens by itself on a machine that has none, once a visit, so that closing the last
 * terminal does not open another.
 */
export function useFirstTerminal(link: AppLink, show: (terminal: number) => void) {
  const state = useObservable(link.state)
  const machine = useObservable(link.machine)
  const terminals = useObservable(link.terminals)
  const looked = useRef(false)
  const [failure, setFailure] = useState<string | null>(null)
  const [toType, setToType] = useState<ToType | null>(null)
  const openOne = async (...[wanted = {}, typed = null]: Parameters<OpenTerminal>) => {
    setFailure(null)
    const opened = await link.openTerminal({ ...roughSize(), ...wanted })
    if (!opened.ok) return setFailure(opened.message)
    show(opened.terminal)
    if (typed !== null) setToType({ terminal: opened.terminal, text: typed })
  }
  const ready = machine?.mayType === true && (state.status === 'live' || state.status === 'catching-up')
  useEffect(() => {
    if (!ready || looked.current) return
    looked.current = true
    if (terminals.length === 0) void openOne()
  }, [ready])
  const open: OpenTerminal = (wanted, typed) => void openOne(wanted, typed)
  return { failure, toType, typed: () => setToType(null), open }
}

/** Terminals behind the front one that have written something since they were looked at. */
export function useUnseen(screens: Screens, front: number | null): readonly number[] {
  const [unseen, setUnseen] = useState<readonly number[]>([])
  useEffect(() => {
    const look = () =>
      setUnseen(
        screens
          .all()
          .filter((screen) => screen.facts.current.unseenOutput && screen.terminal !== front)
          .map((screen) => screen.terminal),
      )
    look()
    const ends = screens.all().map((screen) => screen.facts.subscribe(look))
    return () => {
      for (const end of ends) end()
    }
  }, [screens, front])
  return unseen
}
