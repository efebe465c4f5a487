import { useEffect, useState } from 'preact/hooks'

const WIDE = '(min-width: 960px)'

/** Room for a sidebar. */
export function useDesktop(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches)
  useEffect(() => {
    const query = matchMedia(WIDE)
    const change = () => setWide(query.matches)
    query.addEventListener('change', change)
    return () => query.removeEventListener('change', change)
  }, [])
  return wide
}
