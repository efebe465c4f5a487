import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { isTouch } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { choice, choose } from './push-choice.ts'
import { SwitchRow } from './switch-row.tsx'

/** proposed at first: the usual night */
const NIGHT = { from: 22 * 60 + 30, to: 7 * 60 + 30 }

export function QuietHours() {
  const { push } = useWords()
  const { quiet, exceptNeeds } = useObservable(choice)
  const [isChanging, setChanging] = useState(false)
  return (
    <>
      <h2 class="sect">{push.quiet}</h2>
      <section class="card">
        <ul class="rows opt">
          <li>
            <div class="grow">
              <span class="t num">
                {quiet === null ? push.quietNone : push.quietSpan(clockOf(quiet.from), clockOf(quiet.to))}
              </span>
              <span class="d">{quiet === null ? push.quietNoneText : push.quietClock(isTouch())}</span>
            </div>
            <button type="button" class="btn" onClick={() => setChanging(true)}>
              {push.change}
            </button>
          </li>
          {quiet === null ? null : (
            <SwitchRow
              title={push.exceptNeeds}
              text={push.exceptNeedsText}
              on={exceptNeeds}
              onSwitch={(on) => choose({ exceptNeeds: on })}
            />
          )}
        </ul>
      </section>
      {isChanging ? <Change onClose={() => setChanging(false)} /> : null}
    </>
  )
}

function Change({ onClose }: { readonly onClose: () => void }) {
  const { push } = useWords()
  const [span, setSpan] = useState(choice.current.quiet ?? NIGHT)
  const save = (quiet: typeof span | null) => {
    choose({ quiet })
    onClose()
  }
  return (
    <Dialog title={push.quiet} onClose={onClose}>
      <div class="quiet-span">
        {(['from', 'to'] as const).map((end) => (
          <label key={end}>
            <span class="label">{end === 'from' ? push.quietFrom : push.quietTo}</span>
            <input
              class="input"
              type="time"
              required
              value={clockOf(span[end])}
              onInput={({ currentTarget }) => {
                const minute = minuteOf(currentTarget.value)
                if (minute !== null) setSpan((before) => ({ ...before, [end]: minute }))
              }}
            />
          </label>
        ))}
      </div>
      <div class="row-btns answers">
        <button type="button" class="btn" onClick={() => save(null)}>
          {push.quietEnd}
        </button>
        <button type="button" class="btn primary" onClick={() => save(span)}>
          {push.quietSave}
        </button>
      </div>
    </Dialog>
  )
}

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

function minuteOf(clock: string): number | null {
  const [, hour, minute] = /^(\d\d):(\d\d)/.exec(clock) ?? []
  return hour === undefined || minute === undefined ? null : Number(hour) * 60 + Number(minute)
}
