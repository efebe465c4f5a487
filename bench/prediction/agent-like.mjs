// A program like a coding agent: raw mode, its own line at the bottom of the main screen, drawn anew at each key, and a line of
// progress above it that moves by itself. Enter prints an answer; "/password" hides the next line behind stars.
const out = (text) => process.stdout.write(text)
let line = ''
let hides = false
let turn = 0
process.stdin.setRawMode(true)
out('\x1b[?2004h')
const draw = () => out(`\r\x1b[K${hides ? 'secret' : '›'} ${hides ? '*'.repeat(line.length) : line}`)
draw()
const working = setInterval(() => {
  if (++turn % 8 === 0 && !hides) out(`\r\x1b[Kworking ${turn}\r\n`)
  draw()
}, 150)
process.stdin.on('data', (bytes) => {
  for (const key of bytes.toString('utf8').replace(/\x1b\[[A-D]/g, '')) {
    if (key === '\x04') {
      clearInterval(working)
      out('\x1b[?2004l\r\n')
      process.exit(0)
    }
    if (key === '\r') {
      const wanted = line
      line = ''
      hides = !hides && wanted.startsWith('/password')
      out(`\r\n${hides ? '' : `did ${wanted.length}\r\n`}`)
    } else if (key === '\x7f') line = line.slice(0, -1)
    else if (key >= ' ') line = (line + key).slice(0, 60)
  }
  draw()
})
