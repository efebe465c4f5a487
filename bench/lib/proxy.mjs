// A slow, distant link in user space: TCP proxy on loopback with a one-way delay and a byte rate in each
// direction. argv[2] JSON: { targetPort, rate (bytes/s, 0 = no limit), delayMs }. Prints its port.
// It buffers about one bandwidth-delay product and then stops reading, as a well-kept link would.
import net from 'node:net'

const o = JSON.parse(process.argv[2])
const rate = o.rate || Infinity
const limit = rate === Infinity ? 8 << 20 : Math.max(32 * 1024, rate * ((2 * o.delayMs) / 1000)) + 32 * 1024

function pump(src, dst, hold) {
  const q = []
  let queued = 0,
    tokens = 0,
    last = performance.now(),
    timer = null,
    blocked = false,
    ended = false
  const tick = () => {
    timer = null
    const now = performance.now()
    tokens = Math.min(rate === Infinity ? Infinity : rate * 0.01, tokens + (rate * (now - last)) / 1000)
    last = now
    if (rate === Infinity) tokens = Infinity
    while (q.length && q[0].at <= now && tokens > 0 && !blocked) {
      const h = q[0]
      let b = h.b
      if (b.length > tokens) {
        b = h.b.subarray(0, Math.max(1, Math.floor(tokens)))
        h.b = h.b.subarray(b.length)
      } else q.shift()
      tokens -= b.length
      queued -= b.length
      if (!dst.write(b)) {
        blocked = true
        dst.once('drain', () => {
          blocked = false
          arm()
        })
      }
    }
    if (queued < limit / 2 && src.isPaused()) src.resume()
    if (q.length) arm()
    else if (ended) dst.end()
  }
  const arm = () => {
    if (!timer) timer = setTimeout(tick, 1)
  }
  src.on('data', (b) => {
    if (!q.length && !timer) {
      last = performance.now() - 1
    }
    q.push({ at: Math.max(performance.now(), hold) + o.delayMs, b })
    queued += b.length
    if (queued > limit) src.pause()
    arm()
  })
  src.on('end', () => {
    ended = true
    arm()
  })
}
net
  .createServer((c) => {
    const u = net.connect(o.targetPort, '127.0.0.1')
    c.setNoDelay(true)
    u.setNoDelay(true)
    const bye = () => {
      c.destroy()
      u.destroy()
    }
    c.on('error', bye)
    u.on('error', bye)
    c.on('close', bye)
    u.on('close', () => setTimeout(bye, 200))
    // TCP's own handshake costs one round trip before the client may send
    pump(c, u, performance.now() + 2 * o.delayMs)
    pump(u, c, 0)
  })
  .listen(0, '127.0.0.1', function () {
    console.log(`PORT ${this.address().port}`)
  })
