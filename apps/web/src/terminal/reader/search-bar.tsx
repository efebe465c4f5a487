import { useEffect, useRef } from 'preact/hooks'
import { IconButton } from '../../parts/icon-button.tsx'
import { useWords } from '../../words/language.ts'
import type { Search } from './use-search.ts'

/** The word to search, where the search stands, and its steps. Enter steps on, with Shift back. */
export function SearchBar({ search }: { readonly search: Search }) {
  const text = useWords()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const { place } = search
  return (
    <form
      class="find"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        search.step(1)
      }}
    >
      <div class="box">
        <input
          ref={field}
          class="input"
          type="search"
          aria-label={text.reader.searchIn}
          value={search.sought}
          autocapitalize="off"
          autocomplete="off"
          spellcheck={false}
          enterkeyhint="next"
          onInput={(event) => search.seek(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !event.shiftKey) return
            event.preventDefault()
            search.step(-1)
          }}
        />
        <span class="of num" role="status">
          {place === null ? '' : text.reader.found(place.at, place.of)}
        </span>
      </div>
      <IconButton icon="stepUp" label={text.reader.previous} onClick={() => search.step(-1)} />
      <IconButton icon="stepDown" label={text.reader.next} onClick={() => search.step(1)} />
      <IconButton icon="cross" label={text.reader.closeSearch} onClick={search.close} />
    </form>
  )
}
