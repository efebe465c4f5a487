/**
 * A load balancer that can be cut, as a process of its own: passes each connection to the next broker that takes it. The order
 * `cut` ends every connection at once, as a relay does that dies.
 *
 * argv: the brokers' ports, with commas. Tells its own port.
 */
import { connect, createServer } from 'node:net'

const ports = process.argv[2].split(',').map(Number)
const CONNECTS_WITHIN_MS = 2_000
const open = new Set()
let next = Math.floor(Math.random() * ports.length)

const server = createServer({ noDelay: true }, (near) => {
  near.on('error', () => {})
  open.add(near)
  near.once('close', () => open.delete(near))
  near.pause()
  passOn(near, ports.length)
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
  process.send({ event: 'listening', port: server.address().port }),
)
process.once('disconnect', () => process.exit())
process.on('message', ({ order }) => {
  if (order !== 'cut') return
  for (const socket of open) socket.resetAndDestroy()
})

function passOn(near, triesLeft) {
  if (triesLeft === 0 || near.destroyed) return near.destroy()
  const far = connect({ port: ports[next++ % ports.length], host: '127.0.0.1', noDelay: true })
  let isThere = false
  const late = setTimeout(() => far.destroy(), CONNECTS_WITHIN_MS)
  far.once('connect', () => {
    isThere = true
    clearTimeout(late)
    near.pipe(far)
    far.pipe(near)
  })
  far.on('error', () => {})
  far.once('close', () => {
    clearTimeout(late)
    if (isThere) near.destroy()
    else passOn(near, triesLeft - 1)
  })
  near.once('close', () => isThere && far.destroy())
}
