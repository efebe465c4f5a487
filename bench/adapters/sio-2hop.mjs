import { sioAdapter } from '../lib/sio-adapter.mjs'
export default sioAdapter({
  name: 'sio-2hop',
  title: '(d) Socket.IO, default parser, strings',
  data: 'string',
})
