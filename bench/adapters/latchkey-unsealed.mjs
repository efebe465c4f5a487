import { latchkeyAdapter } from './latchkey.mjs'

export default latchkeyAdapter({
  name: 'latchkey-unsealed',
  title: 'Latchkey: broker and runner, --allow-unsealed',
  sealed: false,
})
