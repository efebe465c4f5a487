type State = { status: 'open' } | { status: 'shut' }
export function planted(state: State): number {
  switch (state.status) {
    case 'open':
      return 1
  }
  return 0
}
