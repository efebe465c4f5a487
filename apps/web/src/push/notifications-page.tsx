import { useEffect, useState } from 'preact/hooks'
import '../styles/steps.css'
import '../styles/push.css'
import { linkTo } from '../link/links.ts'
import { openLinks } from '../link/open-links.ts'
import { onWake } from '../on-wake.ts'
import { Icon } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { Page, useTitle } from '../parts/page.tsx'
import { goHome } from '../places.ts'
import { isTouch } from '../platform.ts'
import { book } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { ownAbility } from './ability.ts'
import { called, startCalled, trouble, turnOff, turnOn } from './called.ts'
import { endpointDigest } from './endpoint-digest.ts'
import { Hindrance, Sentence } from './hindrance.tsx'
import { MutedTerminals } from './muted-terminals.tsx'
import { choice, choose } from './push-choice.ts'
import { QuietHours } from './quiet-hours.tsx'
import { SwitchRow } from './switch-row.tsx'
import { TestCard } from './test-card.tsx'

/** What machines call this browser for, and whether they can. */
export function NotificationsPage() {
  const { push, term } = useWords()
  const [ability, setAbility] = useState(ownAbility)
  const look = () => setAbility(ownAbility())
  const machines = useObservable(book)
  useTitle(push.title)
  useEffect(() => onWake(look), [])
  useEffect(() => {
    for (const machine of machines) linkTo(machine)
    if (ability === 'able') startCalled()
  }, [machines, ability])
  return (
    <Page
      look={ability === 'able' ? 'wide' : ''}
      bar={
        <header class="bar stick">
          <IconButton icon="back" label={term.allMachines} onClick={goHome} />
          <div class="grow">
            <div class="trunc push-title">{push.title}</div>
            <div class="small dim trunc">{isTouch() ? push.thisPhone : push.thisComputer}</div>
          </div>
        </header>
      }
    >
      {ability === 'able' ? <Choices onAsked={look} /> : <Hindrance ability={ability} onLookAgain={look} />}
    </Page>
  )
}

function Choices({ onAsked }: { readonly onAsked: () => void }) {
  const { push } = useWords()
  const own = useObservable(choice)
  const at = useObservable(called)
  const why = useObservable(trouble)
  const [isBusy, setBusy] = useState(false)
  const calling = useCalling()
  const known = useObservable(book).length
  const turn = async (on: boolean) => {
    setBusy(true)
    await (on ? turnOn() : turnOff())
    setBusy(false)
    onAsked()
  }
  const state = isBusy ? push.turning : own.on ? push.from(calling, known) : push.off
  return (
    <>
      <h1 class="vh">{push.title}</h1>
      <section class="card">
        <ul class="rows opt">
          <SwitchRow
            title={push.call(isTouch())}
            text={<span role="status">{state}</span>}
            on={own.on}
            busy={isBusy}
            onSwitch={(on) => void turn(on)}
          />
        </ul>
      </section>
      {why === null ? null : (
        <div class="spaced">
          <Sentence says={push.trouble[why]} />
        </div>
      )}
      {own.on ? (
        <>
          <When />
          <QuietHours />
          {at === null ? null : <TestCard called={at} />}
          <MutedTerminals />
        </>
      ) : null}
      <p class="note push-note">
        <Icon name="sealed" />
        <span>{push.sealedNote}</span>
      </p>
    </>
  )
}

function When() {
  const { push } = useWords()
  const own = useObservable(choice)
  return (
    <>
      <h2 class="sect">{push.when}</h2>
      <section class="card">
        <ul class="rows opt">
          {(['needsYou', 'failed', 'done'] as const).map((kind) => (
            <SwitchRow
              key={kind}
              title={push[kind]}
              text={push[`${kind}Text`]}
              on={own[kind]}
              onSwitch={(on) => choose({ [kind]: on })}
            />
          ))}
        </ul>
      </section>
    </>
  )
}

/** How many machines say that they call this browser where it is now. */
function useCalling(): number {
  const links = useObservable(openLinks)
  const at = useObservable(called)
  const [calling, setCalling] = useState(0)
  useEffect(() => {
    let left = false
    const count = async () => {
      const digest = at === null ? null : await endpointDigest(at.endpoint)
      const standing = [...links.values()].map(({ push }) => push.standing.current?.endpoint)
      if (!left) setCalling(standing.filter((each) => each !== undefined && each === digest).length)
    }
    const ends = [...links.values()].map(({ push }) => push.standing.subscribe(() => void count()))
    void count()
    return () => {
      left = true
      for (const end of ends) end()
    }
  }, [links, at])
  return calling
}
