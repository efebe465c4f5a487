import { relayAdapter } from '../lib/relay-adapter.mjs'
export default relayAdapter({ name: 'ws-2hop-bu', title: '(c) + bufferutil', bufferutil: true, opts: {} })
