import { useEffect, useState } from 'preact/hooks'
import { Banner } from '../parts/banner.tsx'
import { useWords } from '../words/language.ts'
import { membership } from './membership.ts'
import { lookUpSelf } from './self.ts'

/** Says on the pages one starts from that this browser was a device here and is none any more. Asked of the broker once. */
export function RevokedNotice() {
  const text = useWords()
  const [isRevoked, setRevoked] = useState(false)
  useEffect(() => {
    const member = membership()
    if (member !== null) void lookUpSelf(member).then((found) => found === null && setRevoked(true))
  }, [])
  if (!isRevoked) return null
  return (
    <Banner
      icon="alert"
      look="warn spaced"
      role="alert"
      data-notice="device-revoked"
      says={text.join.failed['signed-out']}
    />
  )
}
