import { useEffect } from 'preact/hooks'
import { TopBar } from './parts/top-bar.tsx'
import { goHome } from './places.ts'
import { useWords } from './words/language.ts'

/** For an address that no page has: mistyped, or of another version. */
export function NowherePage({ path }: { readonly path: string }) {
  const text = useWords()
  useEffect(() => {
    document.title = `${text.nowhere.title} · ${text.brand}`
  }, [text])
  return (
    <div class="page">
      <TopBar />
      <main class="main task">
        <h1>{text.nowhere.title}</h1>
        <p class="lead">{text.nowhere.lead}</p>
        <p class="mono small dim nowhere-path">{path}</p>
        <a
          class="btn primary lg"
          href="/"
          onClick={(event) => {
            event.preventDefault()
            goHome()
          }}
        >
          {text.nowhere.home}
        </a>
      </main>
    </div>
  )
}
