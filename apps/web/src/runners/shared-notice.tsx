import { dropShared, sharedFiles } from '../files/shared-files.ts'
import { Banner } from '../parts/banner.tsx'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'

/** Another app has shared files: they wait for the person to choose a machine. */
export function SharedNotice() {
  const { files: text } = useWords()
  const files = useObservable(sharedFiles)
  const [first] = files
  if (first === undefined) return null
  const name = files.length === 1 ? first.name : null
  return (
    <Banner icon="file" look="spaced" says={[text.shared(files.length, name), text.sharedNext]} role="status">
      <div class="row-btns">
        <button type="button" class="btn soft" onClick={dropShared}>
          {text.sharedDrop}
        </button>
      </div>
    </Banner>
  )
}
