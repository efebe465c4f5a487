import { useEffect, useState } from 'preact/hooks'

const WIDE = '(min-width: 960px)'
/** Room for eleven keys of 44 px in one row, with the name and the pencil. */
const WIDE_ROW = '(min-width: 640px)'

/** Whether a media query holds now. */
function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const change = () => setHolds(media.matches)
    change()
    media.addEventListener('change', change)
    return () => media.removeEventListener('change', change)
  }, [query])
  return holds
}

/** Room for a sidebar. */
export const useDesktop = (): boolean => useMedia(WIDE)
/** Room for the keys in one row. */
export const useWideRow = (): boolean => useMedia(WIDE_ROW)
/** A finger is the main pointer: a soft keyboard, and keys of ours beside it. A narrow window of a laptop is no phone. */
export const useTouch = (): boolean => useMedia('(pointer: coarse)')
