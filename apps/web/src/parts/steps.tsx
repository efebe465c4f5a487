import type { ComponentChildren } from 'preact'
import { Icon } from './icon.tsx'

export interface Step {
  readonly title: string
  /** a second line; null for none */
  readonly text: ComponentChildren | null
}

/** The steps done, the present one and those to come; screen readers are told as it moves on. */
export function Steps({ steps, now }: { readonly steps: readonly Step[]; readonly now: number }) {
  return (
    <ol class="steps" aria-live="polite">
      {steps.map(({ title, text }, at) => (
        <li
          key={at}
          class={at < now ? 'done' : at === now ? 'now' : ''}
          {...(at === now ? { 'aria-current': 'step' as const } : {})}
        >
          <span class="n">{at < now ? <Icon name="check" small /> : at + 1}</span>
          <div class="b">
            <b>{title}</b>
            {text}
          </div>
        </li>
      ))}
    </ol>
  )
}
