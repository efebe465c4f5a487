import type { PushSubscriptionKeys } from '@latchkey/protocol/terminal/push'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { clockTimeExact } from '../words/times.ts'
import { isOver, type TestLine } from './push-test.ts'
import { usePushTest } from './use-push-test.ts'

/** The button that tries the whole way, and each step's own result. */
export function TestCard({ called }: { readonly called: PushSubscriptionKeys }) {
  const { test } = useWords().push
  const { lines, machine, run } = usePushTest()
  const isRunning = lines.length > 0 && !isOver(lines)
  return (
    <section class="card push-test" aria-labelledby="push-test">
      <header>
        <h2 id="push-test">{test.title}</h2>
        <span class="grow" />
        <button
          type="button"
          class="btn quiet"
          aria-disabled={isRunning}
          onClick={() => {
            if (!isRunning) run()
          }}
        >
          {isRunning ? test.running : lines.length === 0 ? test.run : test.again}
        </button>
      </header>
      <ol class="steps times" aria-live="polite">
        {lines.map((line, at) => (
          <Line key={at} line={line} machine={machine} service={new URL(called.endpoint).host} />
        ))}
      </ol>
      <p class="small dim push-test-hint">
        {lines.some(({ state }) => state === 'bad') ? test.hintBad : test.hint}
      </p>
    </section>
  )
}

function Line(props: { readonly line: TestLine; readonly machine: string; readonly service: string }) {
  const text = useWords()
  const { line, machine, service } = props
  const [title, more] = saysOf(line, machine, service, text.push)
  const isDone = line.state === 'done'
  const tookMs = line.state === 'now' ? null : line.tookMs
  return (
    <li class={line.state} {...(line.state === 'now' ? { 'aria-current': 'step' as const } : {})}>
      <span class="n">{line.state === 'now' ? null : <Icon name={isDone ? 'check' : 'cross'} small />}</span>
      <div class="b">
        <b>{title}</b>
        {more}
      </div>
      <span class="t">
        {tookMs !== null ? duration(tookMs) : isDone ? clockTimeExact(line.atMs, text) : ''}
      </span>
    </li>
  )
}

const duration = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`)

type PushWords = ReturnType<typeof useWords>['push']

function saysOf(
  line: TestLine,
  machine: string,
  service: string,
  { test }: PushWords,
): readonly [string, string] {
  if (line.state === 'bad') return failureOf(line, service, test)
  const isDone = line.state === 'done'
  switch (line.step) {
    case 'sealed':
      return isDone ? [test.sealed(machine), test.sealedText] : [test.sealing, test.sealingText]
    case 'sent':
      return isDone ? [test.sent, test.sentText] : [test.sending, test.sendingText]
    case 'taken':
      return [test.taken, isDone && line.status !== null ? test.answered(service, line.status) : service]
    case 'shown':
      return isDone ? [test.shown, ''] : [test.showing, test.showingText]
    case 'anew':
      return [test.anew, test.anewText]
  }
}

function failureOf(
  { step, why, status, waitSeconds }: Extract<TestLine, { readonly state: 'bad' }>,
  service: string,
  test: PushWords['test'],
): readonly [string, string] {
  if (why === 'not-shown') return [test.notShown, test.notShownText]
  const title = step === 'taken' ? test.refused : step === 'sent' ? test.broker : test.machine
  const reason = status === null ? test.why[why] : `${test.answered(service, status)}: ${test.why[why]}`
  return [title, waitSeconds === null ? reason : `${reason}. ${test.wait(waitSeconds)}`]
}
