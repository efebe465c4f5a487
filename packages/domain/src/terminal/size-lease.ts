/** A terminal's size and the app it follows. Without an owner the size stays until somebody takes it. */
export interface SizeLease {
  readonly owner: string | null
  readonly cols: number
  readonly rows: number
}

interface Cells {
  readonly cols: number
  readonly rows: number
}

/** A size at which a program starts before any app holds the lease. */
export const unowned = ({ cols, rows }: Cells): SizeLease => ({ owner: null, cols, rows })

/** `app` says what size it has: it counts for the owner, and for anybody while there is none. */
export const wish = (lease: SizeLease, app: string, size: Cells): SizeLease =>
  lease.owner === null || lease.owner === app ? take(lease, app, size) : lease

/** `app` makes its size the terminal's. */
export const take = (lease: SizeLease, app: string, { cols, rows }: Cells): SizeLease =>
  lease.owner === app && sameSize(lease, { cols, rows }) ? lease : { owner: app, cols, rows }

/** `app` watches no longer. */
export const leave = (lease: SizeLease, app: string): SizeLease =>
  lease.owner === app ? { ...lease, owner: null } : lease

export const sameSize = (a: Cells, b: Cells): boolean => a.cols === b.cols && a.rows === b.rows
