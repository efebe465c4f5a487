import { type InstallReply, installLine, installReply, lineText } from '@latchkey/protocol/install'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Icon } from '../parts/icon.tsx'
import { copyText } from '../platform.ts'
import { useWords } from '../words/language.ts'
import '../styles/machine-line.css'

const COPIED_MS = 2_000
const MEGABYTE_BYTES = 1e6

/** For a machine: a line that brings this broker's release there and joins, and what the line does. */
export function MachineLine({ joinUrl }: { readonly joinUrl: string }) {
  const { install: text } = useWords()
  const [told, setTold] = useState<InstallReply | 'none' | null>(null)
  useEffect(() => {
    void asked(installReply, 'GET', '/operator/install').then((answer) =>
      setTold(answer.ok ? answer.value : 'none'),
    )
  }, [])
  if (told === 'none')
    return (
      <p class="by-command small">
        {text.orJoin} <code class="mono">latchkey join LINK</code>
      </p>
    )
  return (
    <section class="machine-line" aria-labelledby="machine-line">
      <h3 id="machine-line">{text.title}</h3>
      {told === null ? (
        <p class="dim small" role="status">
          {text.packing}
        </p>
      ) : (
        <Line told={told} joinUrl={joinUrl} />
      )}
    </section>
  )
}

function Line({ told, joinUrl }: { readonly told: InstallReply; readonly joinUrl: string }) {
  const { install: text } = useWords()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const parts = installLine(location.origin, told.scriptHash, joinUrl)
  const megabytes = (bytes: number) => Math.ceil(bytes / MEGABYTE_BYTES)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the line is selected and copied by keyboard, too */}
      <div class="oneline" role="region" aria-label={text.region} tabIndex={0}>
        {parts.map(({ kind, text: part }) => (
          <span key={kind + part} class={kind}>
            {part}
          </span>
        ))}
      </div>
      <button type="button" class="btn" onClick={() => void copyText(lineText(parts)).then(setCopied)}>
        <Icon name={copied ? 'check' : 'copy'} />
        <span aria-live="polite">{copied ? text.copied : text.copy}</span>
      </button>
      <details class="small">
        <summary>{text.what}</summary>
        <ol>
          <li>
            {text.fetches(Math.ceil(told.scriptBytes / 1_000))} <a href="/install">{location.host}/install</a>
          </li>
          <li>{text.checks}</li>
          <li>{text.places(told.version, megabytes(told.tarballBytes), megabytes(told.installedBytes))}</li>
          <li>{text.joins}</li>
          <li>
            {text.undo} <code class="mono">latchkey uninstall</code>
          </li>
        </ol>
        <p class="dim">{text.trust}</p>
      </details>
    </>
  )
}
