import { type AuditEntry, type AuditReply, auditReply } from '@latchkey/protocol/audit'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { operatorHeaders } from '../operator/page-key.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Card } from '../parts/card.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { Choice } from './choice.tsx'

const KINDS = ['pairing', 'device', 'operator'] as const
const ACTORS = ['operator', 'program', 'device', 'app', 'broker'] as const
const FORMATS = ['csv', 'jsonl'] as const
const HOUR_MS = 3_600_000
const SPANS_MS = { lastDay: 24 * HOUR_MS, lastWeek: 7 * 24 * HOUR_MS, lastMonth: 30 * 24 * HOUR_MS } as const
const SPANS = ['lastDay', 'lastWeek', 'lastMonth'] as const satisfies readonly (keyof typeof SPANS_MS)[]

interface Filter {
  readonly kind: (typeof KINDS)[number] | null
  readonly actor: (typeof ACTORS)[number] | null
  readonly span: (typeof SPANS)[number] | null
}

/** Who gave or took access: apps, devices and the operator in one list, and the same as a file. */
export function Audit({ stamp, serverTime }: { readonly stamp: string; readonly serverTime: number }) {
  const text = useWords()
  const [filter, setFilter] = useState<Filter>({ kind: null, actor: null, span: null })
  const [pages, setPages] = useState<readonly AuditReply[]>([])
  const [failed, setFailed] = useState(false)
  const load = async (next: AuditReply['next']) => {
    const query = queryOf(filter, serverTime)
    for (const [name, value] of Object.entries(next ?? {})) query.set(name, String(value))
    const answer = await asked(auditReply, 'GET', `/operator/audit?${query}`)
    setFailed(!answer.ok)
    if (answer.ok) setPages((before) => (next === null ? [answer.value] : [...before, answer.value]))
  }
  useEffect(() => void load(null), [filter, stamp])
  const entries = pages.flatMap((page) => page.entries)
  const next = pages.at(-1)?.next ?? null
  return (
    <Card id="audit" title={text.audit.title} fact={text.audit.lead}>
      <AuditFilter filter={filter} onFilter={setFilter} text={text} />
      {failed ? <ErrorLine says={text.console.historyFailed} /> : null}
      {pages.length > 0 && entries.length === 0 ? (
        <p class="empty" role="status">
          {text.console.nothingFits}
        </p>
      ) : (
        <ol class="log long">
          {entries.map((entry, at) => (
            <li key={`${entry.at} ${entry.event} ${entry.id} ${entries.length - at}`}>
              <time dateTime={new Date(entry.at).toISOString()}>{moment(entry.at, serverTime, text)}</time>
              <div>
                {lineOf(entry, text)}{' '}
                <span class="faint">
                  {text.audit.actors[entry.actor]}
                  {entry.by === '' ? '' : ` ${entry.by}`}
                </span>
              </div>
            </li>
          ))}
        </ol>
      )}
      <p class="earlier audit-foot">
        {next === null ? null : (
          <button type="button" class="btn soft" onClick={() => void load(next)}>
            {text.console.earlier}
          </button>
        )}
        {FORMATS.map((format) => (
          <button
            key={format}
            type="button"
            class="btn quiet"
            onClick={() =>
              void download(format, queryOf(filter, serverTime)).then((done) => setFailed(!done))
            }
          >
            {text.audit.save[format]}
          </button>
        ))}
      </p>
    </Card>
  )
}

function AuditFilter(props: {
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
  readonly text: Words
}) {
  const { filter, onFilter, text } = props
  const { audit } = text
  const { filters } = text.console
  const spanNames = { lastDay: filters.lastDay, lastWeek: filters.lastWeek, lastMonth: audit.lastMonth }
  return (
    <div class="filters three" role="group" aria-label={audit.filters}>
      <Choice
        name={audit.kind}
        value={filter.kind ?? ''}
        options={[['', filters.anyOutcome], ...KINDS.map((each) => [each, audit.kinds[each]] as const)]}
        onValue={(value) => onFilter({ ...filter, kind: KINDS.find((each) => each === value) ?? null })}
      />
      <Choice
        name={audit.actor}
        value={filter.actor ?? ''}
        options={[['', filters.anyOutcome], ...ACTORS.map((each) => [each, audit.actors[each]] as const)]}
        onValue={(value) => onFilter({ ...filter, actor: ACTORS.find((each) => each === value) ?? null })}
      />
      <Choice
        name={filters.time}
        value={filter.span ?? ''}
        options={[['', filters.anyTime], ...SPANS.map((each) => [each, spanNames[each]] as const)]}
        onValue={(value) => onFilter({ ...filter, span: SPANS.find((each) => each === value) ?? null })}
      />
    </div>
  )
}

function queryOf({ kind, actor, span }: Filter, serverTime: number): URLSearchParams {
  return new URLSearchParams({
    ...(kind === null ? {} : { kind }),
    ...(actor === null ? {} : { actor }),
    ...(span === null ? {} : { since: String(serverTime - SPANS_MS[span]) }),
  })
}

/** What happened, in the page's language; a word of a newer broker stays as it is. */
function lineOf({ event, subject, id, address, reason }: AuditEntry, { audit }: Words): string {
  const [, says] = Object.entries(audit.events).find(([name]) => name === event) ?? []
  const about = subject || id.slice(0, ID_CHARACTERS)
  const facts = [about, event === 'NodeJoinedByKey' ? reason : '', address].filter((each) => each !== '')
  return facts.length === 0 ? (says ?? event) : `${says ?? event}: ${facts.join(' · ')}`
}

/** Enough of an id to tell two apart. */
const ID_CHARACTERS = 8

/** Saves the file. A link alone would not sign in: the page keeps half of the session. */
async function download(format: (typeof FORMATS)[number], query: URLSearchParams): Promise<boolean> {
  query.set('format', format)
  try {
    const answer = await fetch(`/operator/audit/export?${query}`, { headers: operatorHeaders() })
    if (!answer.ok) return false
    const url = URL.createObjectURL(await answer.blob())
    const link = document.createElement('a')
    link.href = url
    link.download = `latchkey-audit.${format}`
    link.click()
    URL.revokeObjectURL(url)
    return true
  } catch {
    return false
  }
}
