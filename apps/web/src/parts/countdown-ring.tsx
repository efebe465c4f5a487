/** How much of a time is left, at a glance. Hidden from screen readers: the text beside it is the truth. */
export function CountdownRing({ leftMs, ofMs }: { readonly leftMs: number; readonly ofMs: number }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9.500" />
      <circle
        cx="12"
        cy="12"
        r="9.500"
        pathLength="100"
        stroke-dasharray={`${Math.min(100, (leftMs / ofMs) * 100)} 100`}
      />
    </svg>
  )
}
