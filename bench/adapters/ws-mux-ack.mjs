import { relayAdapter } from '../lib/relay-adapter.mjs'
export default relayAdapter({
  name: 'ws-mux-ack',
  title: '1 runner socket + ack 256K + 2 ms batching',
  opts: { mode: 'mux', bp: 'ack', batchMs: 2, batchBytes: 32768 },
})
