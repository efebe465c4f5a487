import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useWords } from '../words/language.ts'

const loaders: (() => Promise<unknown>)[] = []

/** Leaves something for `fetchParts` that the page does not need to begin with. */
export const putOff = (load: () => Promise<unknown>): void => void loaders.push(load)

/**
 * A part that a page does not need to begin with: it is loaded when it is first shown, or by `fetchParts` before. Shows
 * nothing while it is loaded. When that fails (a new version replaced its files), a reload brings the new one.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => preact.JSX.Element | null {
  let loaded: ComponentType<Props> | null = null
  const once = async () => {
    loaded ??= await load()
    return loaded
  }
  putOff(once)
  return function Later(props: Props) {
    const [Part, setPart] = useState<ComponentType<Props> | null>(() => loaded)
    const [hasFailed, setFailed] = useState(false)
    useEffect(() => {
      if (Part !== null) return
      once().then(
        (part) => setPart(() => part),
        () => setFailed(true),
      )
    }, [])
    if (Part !== null) return <Part {...props} />
    return hasFailed ? <PageBroke /> : null
  }
}

/** Fetches all parts that were put off, so that they are there without a network as well. One that fails is tried again when it is shown. */
export async function fetchParts(): Promise<void> {
  for (const load of loaders) await load().catch(() => null)
}

/** A file of the page could not be loaded. */
export function PageBroke() {
  const text = useWords()
  return (
    <div class="banner" role="alert">
      <div>
        <b>{text.pageBroke}</b>
        <p>{text.pageBrokeNext}</p>
        <button type="button" class="btn" onClick={() => location.reload()}>
          {text.reload}
        </button>
      </div>
    </div>
  )
}
