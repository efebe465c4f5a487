import { useEffect, useState } from 'preact/hooks'
import { copyText } from '../platform.ts'
import { useWords } from '../words/language.ts'
import { Icon } from './icon.tsx'
import '../styles/machine-line.css'

const COPIED_MS = 2_000

/** A text to be taken along: shown whole, and copied by one button. */
export function CopiedText({ name, value }: { readonly name: string; readonly value: string }) {
  const text = useWords()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <div class="copied-text">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the text is selected and copied by keyboard, too */}
      <div class="oneline" role="region" aria-label={name} tabIndex={0}>
        {value}
      </div>
      <button type="button" class="btn" onClick={() => void copyText(value).then(setCopied)}>
        <Icon name={copied ? 'check' : 'copy'} />
        <span aria-live="polite">{copied ? text.copied : `${text.copy}: ${name}`}</span>
      </button>
    </div>
  )
}
