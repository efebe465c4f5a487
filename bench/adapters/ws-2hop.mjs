import { relayAdapter } from '../lib/relay-adapter.mjs'
export default relayAdapter({
  name: 'ws-2hop',
  title: '(c) PTY → ws → relay → ws',
  kind: 'baseline',
  opts: {},
})
