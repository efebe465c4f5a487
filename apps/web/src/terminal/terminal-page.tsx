import type { AppLink } from '@latchkey/connection/app/link'
import { useEffect, useMemo } from 'preact/hooks'
import { later } from '../parts/later.tsx'
import '../styles/terminal.css'
import '../styles/desktop.css'
import '../styles/key-editor.css'
import '../styles/reader.css'
import '../styles/selection.css'
import '../styles/terminal-page.css'
import '../styles/terminal-bars.css'
import '../styles/typing.css'
import { nameIn, useFront, useNeeds } from '../attention/use-needs.ts'
import { isStale } from '../link/link-words.ts'
import { giveUp, linkTo } from '../link/links.ts'
import { PinPage } from '../link/pin-page.tsx'
import { usePinStage } from '../link/pin-stage.ts'
import { RefusedPage } from '../link/refused-page.tsx'
import { setTitle } from '../page-title.ts'
import { goHome, goPair, stayAs } from '../places.ts'
import { type KnownRunner, knownRunner } from '../runner-book.ts'
import { useAwake } from '../screen-awake.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { frontOf, useFirstTerminal, usePartsFetched, useTypedAtPrompt, useUnseen } from './front.ts'
import { OpenTerminal } from './open-terminal.tsx'
import { Screens } from './screen/screens.ts'
import { keptWindowSize } from './screen/window-size.ts'

const QuestionSheet = later(async () => (await import('../attention/question-sheet.tsx')).QuestionSheet)

/** The terminals of one machine. */
export function TerminalPage({
  runnerId,
  terminal,
  question,
}: {
  readonly runnerId: string
  readonly terminal: number | null
  /** the id of a question that is open over it */
  readonly question: string | null
}) {
  const runner = knownRunner(runnerId)
  const link = runner === undefined ? null : linkTo(runner)
  useEffect(() => {
    if (runner === undefined) goHome()
  }, [runnerId])
  if (runner === undefined || link === null) return null
  return (
    <>
      <Machine key={runnerId} runner={runner} link={link} wanted={terminal} />
      {question === null ? null : <QuestionSheet key={question} runner={runner} id={question} />}
    </>
  )
}

function Machine(props: {
  readonly runner: KnownRunner
  readonly link: AppLink
  readonly wanted: number | null
}) {
  const { runner, link, wanted } = props
  const text = useWords()
  const state = useObservable(link.state)
  const terminals = useObservable(link.terminals)
  const machine = useObservable(link.machine)
  const screens = useMemo(() => new Screens(link), [link])
  useEffect(() => () => screens.dispose(), [screens])

  useMemo(() => {
    const size = keptWindowSize()
    if (wanted !== null && size !== null) link.expect(wanted, size)
  }, [link])
  const front = frontOf(terminals, wanted)
  const show = (terminal: number) => stayAs({ page: 'terminal', runnerId: runner.runnerId, terminal })
  const { failure, toType, typed, open } = useFirstTerminal(link, show)
  const unseen = useUnseen(screens, front?.terminal ?? null)
  const name = machine?.name || runner.label

  const standing = useNeeds(runner.runnerId)
  const frontName = front === null ? null : nameIn(standing, front, text)
  useFront(runner.runnerId, front?.terminal ?? null)
  useEffect(() => {
    setTitle(`${frontName === null ? name : `${frontName} · ${name}`} · ${text.brand}`)
  }, [frontName, name, text])
  const live = state.status === 'live' || state.status === 'catching-up'
  useEffect(() => {
    // Only the machine's list ends a screen: without a link the list is old.
    if (live) screens.keepOnly(terminals.map((info) => info.terminal))
  }, [terminals, live])

  const screen = front === null ? null : screens.of(front.terminal)
  const stale = isStale(state)
  useEffect(() => {
    const isPast = new Set(terminals.flatMap(({ terminal, past }) => (past === undefined ? [] : [terminal])))
    for (const each of screens.all()) each.stale(stale || isPast.has(each.terminal))
  }, [stale, screen, terminals])
  useTypedAtPrompt(screen, toType, typed)
  usePartsFetched(screen)
  useAwake(front !== null && standing.get(front.terminal)?.state === 'working')

  const { stage, given } = usePinStage(link)
  if (stage.at === 'asking' || stage.at === 'checking')
    return (
      <PinPage
        link={link}
        wanted={stage.wanted}
        checking={stage.at === 'checking'}
        wrong={stage.wrong}
        onGiven={given}
        onBack={() => {
          link.cancelPin()
          void giveUp(runner).then(goPair)
        }}
      />
    )
  // A drawn screen stays in sight: the refusal floats over it.
  if (stage.at === 'refused' && machine === null)
    return <RefusedPage link={link} machine={name} refusal={stage.refusal} />
  return (
    <OpenTerminal
      runner={runner}
      link={link}
      machine={machine}
      machineName={name}
      terminals={terminals}
      info={front}
      screen={screen}
      stale={stale}
      unseen={unseen}
      failure={failure}
      onFront={show}
      onNew={() => open()}
      onOpen={open}
    />
  )
}
