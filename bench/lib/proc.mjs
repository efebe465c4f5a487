// Linux /proc readers: memory and CPU of a tree of server processes.
import fs from 'node:fs'

const HZ = 100
// Programs that the user's session runs. They are the same for every system, so they are not
// counted as part of the server.
const SESSION_COMMS = new Set(['bash', 'sh', 'dash', 'cat', 'perl', 'sleep', 'yes', 'head', 'stty'])

function stat(pid) {
  try {
    const t = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const r = t.lastIndexOf(')')
    const f = t.slice(r + 2).split(' ')
    return {
      // Read from a folder's name or given: the same process is counted once.
      pid: +pid,
      comm: t.slice(t.indexOf('(') + 1, r),
      state: f[0],
      ppid: +f[1],
      cpu: (+f[11] + +f[12]) / HZ,
      dead: (+f[13] + +f[14]) / HZ,
    }
  } catch {
    return null
  }
}

export function tree(roots) {
  const all = fs
    .readdirSync('/proc')
    .filter((d) => /^\d+$/.test(d))
    .map(stat)
    .filter(Boolean)
  const kids = new Map()
  for (const p of all) (kids.get(p.ppid) ?? kids.set(p.ppid, []).get(p.ppid)).push(p)
  const seen = new Map()
  const walk = (p) => {
    if (!p || seen.has(p.pid)) return
    seen.set(p.pid, p)
    for (const k of kids.get(p.pid) ?? []) walk(k)
  }
  for (const r of roots) walk(stat(r))
  return [...seen.values()]
}

export function serverProcs(roots, extraComms = []) {
  return tree(roots).filter(
    (p) => !SESSION_COMMS.has(p.comm) && !extraComms.includes(p.comm) && p.state !== 'Z',
  )
}

/**
 * Resident and private memory. Private (USS) is what one more session really costs, forks included.
 * @param without processes that are counted elsewhere, though one of `roots` started them
 */
export function mem(roots, without = []) {
  let rss = 0,
    uss = 0,
    n = 0
  for (const p of serverProcs(roots)) {
    if (without.includes(p.pid)) continue
    try {
      const t = fs.readFileSync(`/proc/${p.pid}/smaps_rollup`, 'utf8')
      rss += +/^Rss:\s+(\d+)/m.exec(t)[1]
      uss += +/^Private_Clean:\s+(\d+)/m.exec(t)[1] + +/^Private_Dirty:\s+(\d+)/m.exec(t)[1]
      n++
    } catch {
      /* gone */
    }
  }
  return { rssKB: rss, ussKB: uss, procs: n }
}

/** CPU seconds used so far by the living server processes of the tree. */
export function cpu(roots) {
  let c = 0
  for (const p of serverProcs(roots)) c += p.cpu
  return c
}

/** CPU seconds the whole machine was busy, and of those, ours (this process, what it started, what it reaped). */
export function machineCpu() {
  const f = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number)
  const busy = (f[0] + f[1] + f[2] + f[5] + f[6]) / HZ,
    steal = (f[7] ?? 0) / HZ
  // kernel workers count as ours: they carry the bytes of a PTY from one side to the other
  let ours = 0
  for (const p of tree([process.pid, 2])) ours += p.cpu + p.dead
  return { at: performance.now() / 1000, busy, steal, ours }
}
/** How many cores' worth of work others did between two machineCpu() readings. */
export const foreign = (a, b) =>
  Math.max(0, (b.busy - a.busy - (b.ours - a.ours) + b.steal - a.steal) / Math.max(0.01, b.at - a.at))

export const alive = (pid) => {
  const s = stat(pid)
  return !!s && s.state !== 'Z'
}
