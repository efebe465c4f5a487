import type { ComponentChildren, ComponentProps } from 'preact'
import { useEffect } from 'preact/hooks'
import { setTitle } from '../page-title.ts'
import { useWords } from '../words/language.ts'
import { IconButton } from './icon-button.tsx'
import { TopBar } from './top-bar.tsx'

interface PageProps extends ComponentProps<'main'> {
  /** above the content; the bar with the mark unless said otherwise */
  readonly bar?: ComponentChildren
  /** below the content, always in sight */
  readonly dock?: ComponentChildren
  /** classes of the content */
  readonly look?: string
}

/** A page of one column: its bar, its content, and perhaps a dock. */
export const Page = ({ bar = <TopBar />, dock = null, look = 'task', ...content }: PageProps) => (
  <div class="page">
    {bar}
    <main class={`main ${look}`} {...content} />
    {dock === null ? null : <div class="dock">{dock}</div>}
  </div>
)

/** The bar of a page that one goes back from. */
export const BackBar = (props: {
  readonly label: string
  readonly title?: string
  readonly onBack: () => void
}) => (
  <header class="bar">
    <IconButton icon="back" label={props.label} onClick={props.onBack} />
    <span class="grow trunc">{props.title}</span>
  </header>
)

/** Names the browser's tab. */
export function useTitle(title: string): void {
  const { brand } = useWords()
  useEffect(() => {
    setTitle(`${title} · ${brand}`)
  }, [title, brand])
}
