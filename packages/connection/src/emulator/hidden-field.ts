/** Reads what an object's type does not tell; undefined where there is nothing of that name. */
export function field(of: unknown, ...path: readonly (string | number)[]): unknown {
  let value = of
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

export const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise
