import { Page, useTitle } from './parts/page.tsx'
import { PlaceLink } from './parts/place-link.tsx'
import { useWords } from './words/language.ts'

/** For an address that no page has: mistyped, or of another version. */
export function NowherePage({ path }: { readonly path: string }) {
  const { nowhere } = useWords()
  useTitle(nowhere.title)
  return (
    <Page>
      <h1>{nowhere.title}</h1>
      <p class="lead">{nowhere.lead}</p>
      <p class="mono small dim nowhere-path">{path}</p>
      <PlaceLink class="btn primary lg" to={{ page: 'home' }}>
        {nowhere.home}
      </PlaceLink>
    </Page>
  )
}
