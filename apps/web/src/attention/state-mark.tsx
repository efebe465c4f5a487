import { Icon, type IconName } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import type { MarkState } from './needs.ts'

const ICONS = {
  'needs-you': 'ask',
  failed: 'cross',
  done: 'check',
  working: 'working',
  idle: 'idle',
} as const satisfies Readonly<Record<MarkState, IconName>>

/** A state by shape and colour; the word is for screen readers. */
export function StateMark({ state, small = false }: { readonly state: MarkState; readonly small?: boolean }) {
  const { attention } = useWords()
  return (
    <span class={`mark ${state}${small ? ' small' : ''}`}>
      <Icon name={ICONS[state]} />
      <span class="vh">{attention.said[state]}</span>
    </span>
  )
}
