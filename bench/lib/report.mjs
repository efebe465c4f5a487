// Markdown tables from a result file.
import { median, num, summary } from './stats.mjs'

const med = (rs, f) => (rs?.length ? median(rs.map(f)) : NaN)
const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, i) => (i ? '---:' : '---')).join('|')}|`,
    ...rows.map((r) => `| ${r.join(' | ')} |`),
  ].join('\n')

/** Rounds that a noisy neighbour spoiled are left out, unless all were. */
const calm = (rs) => {
  if (!Array.isArray(rs)) return rs
  const q = rs.filter((r) => (r.foreign ?? 0) < 0.4)
  return q.length ? q : rs
}
export function figures(s0) {
  const s = Object.fromEntries(Object.entries(s0).map(([k, v]) => [k, calm(v)]))
  const noise = median(
    Object.values(s)
      .filter(Array.isArray)
      .flat()
      .map((r) => r.foreign)
      .filter(Number.isFinite),
  )
  const e = s.echo && {
    p50: med(s.echo, (r) => summary(r.ms).p50),
    p95: med(s.echo, (r) => summary(r.ms).p95),
    p99: med(s.echo, (r) => summary(r.ms).p99),
    lost: s.echo.reduce((a, r) => a + r.lost, 0),
    n: s.echo.reduce((a, r) => a + r.ms.length, 0),
  }
  const load = (k) =>
    s[k] && {
      p50: med(s[k], (r) => summary(r.ms).p50),
      p95: med(s[k], (r) => summary(r.ms).p95),
      p99: med(s[k], (r) => summary(r.ms).p99),
      max: Math.max(...s[k].flatMap((r) => r.ms)),
      lost: s[k].reduce((a, r) => a + r.lost, 0),
      mbps: med(s[k], (r) => r.loadMBps),
    }
  const int = (k) =>
    s[k] && {
      p50: median(s[k].flatMap((r) => r.ms)),
      max: Math.max(...s[k].flatMap((r) => r.ms)),
      after: median(s[k].flatMap((r) => r.after)),
      timedOut: s[k].reduce((a, r) => a + r.timedOut, 0),
      grow: med(s[k], (r) => r.peakGrowMB),
      mbps: med(s[k], (r) => r.mbps),
      limit: Math.max(...s[k].flatMap((r) => r.ms)),
    }
  return {
    connect: med(s.connect, (r) => summary(r.ms).p50),
    connectP95: med(s.connect, (r) => summary(r.ms).p95),
    echo: e,
    paced: load('load_paced'),
    flood: load('load_flood'),
    bulk: med(s.bulk, (r) => r.mbps),
    cpu: med(s.bulk, (r) => r.cpuPer100MB),
    chunks: med(s.bulk, (r) => r.chunks),
    chunkSize: med(s.bulk, (r) => r.bytes / r.chunks),
    bulkGrow: med(s.bulk, (r) => r.peakGrowMB),
    noise,
    intact: s0.bulk?.[0]?.intact,
    repeats: s0.repeats?.[0]?.ratio,
    heldkey: s0.heldkey?.[0],
    tail: s0.tail?.[0],
    int: int('interrupt'),
    rtt: med(s.connect_rtt, (r) => summary(r.ms).p50),
    slow: int('slowlink'),
    render: int('render'),
    stalled: s.stalled?.[0]?.growMB,
    fan: Object.fromEntries(
      [1, 4, 16].map((k) => [
        k,
        s[`fanout_${k}`] && {
          each: med(s[`fanout_${k}`], (r) => r.mbpsEach),
          agg: med(s[`fanout_${k}`], (r) => r.aggregate),
          cpu: med(s[`fanout_${k}`], (r) => r.cpuS),
        },
      ]),
    ),
    fanSlow: s.fanout_slow?.[0],
    memory: s.memory?.[0],
    resting: s.resting?.[0],
  }
}

export function render(result, baseName = 'ws-2hop') {
  const F = {}
  for (const [n, s] of Object.entries(result.systems)) F[n] = figures(s)
  const b = F[baseName] ?? {}
  const ratio = (x, y, d = 2) =>
    Number.isFinite(x) && Number.isFinite(y) && y > 0 ? `${num(x / y, d)}×` : '–'
  const ran = Object.entries(result.systems).filter(([, s]) => !s.skipped)
  const lab = ([n, s]) => `${n} — ${s.title}`
  const ctrlC = (i) =>
    i
      ? i.timedOut
        ? `>${num(i.max / 1000, 0)} s`
        : i.p50 >= 1000
          ? `${num(i.p50 / 1000, 1)} s`
          : `${num(i.p50)} ms`
      : '–'
  const o = []
  o.push(
    `Node ${result.node}, Linux ${result.kernel}, ${result.cpus} cores; ${result.rounds} rounds, bulk ${result.mb} MiB (16 MiB for screen-state systems); medians of rounds; × = ratio to ${baseName} in the same run; noise = cores' worth of other work on the machine (median).`,
    '',
  )
  if (ran.some(([n]) => F[n].echo)) {
    o.push('**Main: quiet machine, fast client**', '')
    o.push(
      table(
        [
          'system',
          'set-up p50 ms',
          '×',
          'echo p50',
          'p95',
          'p99 ms',
          'p50 ×',
          'bulk MB/s',
          '×',
          'server CPU s/100 MB',
          '×',
          'msg size',
          '^C ms (max)',
          'intact',
          'noise',
        ],
        ran.map((e) => {
          const f = F[e[0]],
            s = e[1]
          return [
            lab(e),
            num(f.connect, 1),
            ratio(f.connect, b.connect, 1),
            num(f.echo?.p50),
            num(f.echo?.p95),
            num(f.echo?.p99) + (f.echo?.lost ? ` (${f.echo.lost} lost)` : ''),
            ratio(f.echo?.p50, b.echo?.p50),
            num(f.bulk, 1),
            ratio(f.bulk, b.bulk),
            s.kind && f.cpu ? num(f.cpu) : '–',
            f.cpu ? ratio(f.cpu, b.cpu) : '–',
            Number.isFinite(f.chunkSize) ? `${num(f.chunkSize / 1024, 1)}K` : '–',
            f.int ? `${num(f.int.p50)} (${num(f.int.max)})` : '–',
            s.caps.screen ? 'screen' : f.intact === undefined ? '–' : f.intact ? 'yes' : '**NO**',
            num(f.noise),
          ]
        }),
      ),
      '',
    )
  }
  const fid = ran.filter(([n]) => F[n].repeats !== undefined)
  if (fid.length) {
    o.push('**Fidelity**: does everything arrive?', '')
    o.push(
      table(
        [
          'system',
          'bulk SHA-1',
          'identical lines',
          'held key, 33 ms',
          'end of output when the program exits',
        ],
        fid.map((e) => {
          const f = F[e[0]],
            of = (g, w) => (g === w ? `${g}/${w}` : `**${g}/${w}**`)
          return [
            lab(e),
            f.intact === undefined ? '–' : f.intact ? 'same' : '**differs**',
            f.repeats > 0.9999 ? '100%' : `**${num(f.repeats * 100, 0)}%**`,
            f.heldkey ? of(f.heldkey.got, f.heldkey.want) : '–',
            f.tail ? of(f.tail.kept, f.tail.n) : '–',
          ]
        }),
      ),
      '',
    )
  }
  if (ran.some(([n]) => F[n].flood || F[n].paced)) {
    o.push('**Echo while another session prints** (paced: 1 MB/s; flood: as fast as it goes)', '')
    o.push(
      table(
        ['system', 'paced p50', 'p95', 'p99 ms', 'flood p50', 'p95', 'p99', 'max ms', 'p95 ×', 'flood MB/s'],
        ran
          .filter(([n]) => F[n].flood || F[n].paced)
          .map((e) => {
            const f = F[e[0]],
              p = f.paced ?? {},
              q = f.flood ?? {}
            return [
              lab(e),
              num(p.p50),
              num(p.p95),
              num(p.p99),
              num(q.p50),
              num(q.p95),
              num(q.p99),
              num(q.max) + (q.lost ? ` (${q.lost} lost)` : ''),
              ratio(q.p95, b.flood?.p95),
              num(q.mbps, 1),
            ]
          }),
      ),
      '',
    )
  }
  if (ran.some(([n]) => F[n].slow || F[n].render)) {
    o.push(
      '**Slow client**: set-up over a 40 ms round trip; Ctrl-C after 4 s of flood over a 1 MB/s, 40 ms link; the same with a client that draws 5 MB/s',
      '',
    )
    o.push(
      table(
        [
          'system',
          'set-up @40 ms RTT',
          '≈ round trips',
          '^C @1 MB/s link',
          'bytes after ^C',
          'server growth MB',
          'link used MB/s',
          '^C @5 MB/s renderer',
          'bytes after ^C',
          'server growth MB',
          'app stalled: broker grew MB',
          'runner grew MB',
        ],
        ran
          .filter(([n]) => Number.isFinite(F[n].rtt) || F[n].slow || F[n].render)
          .map((e) => {
            const f = F[e[0]]
            const kb = (i) =>
              i ? (i.after > 1e6 ? `${num(i.after / 1e6, 1)} M` : `${num(i.after / 1e3, 0)} K`) : '–'
            return [
              lab(e),
              Number.isFinite(f.rtt) ? `${num(f.rtt, 0)} ms` : '–',
              Number.isFinite(f.rtt) ? num((f.rtt - f.connect) / 40, 1) : '–',
              ctrlC(f.slow),
              kb(f.slow),
              f.slow ? num(f.slow.grow, 0) : '–',
              f.slow ? num(f.slow.mbps) : '–',
              ctrlC(f.render),
              kb(f.render),
              f.render ? num(f.render.grow, 0) : '–',
              num(f.stalled?.broker, 1),
              num(f.stalled?.runner, 1),
            ]
          }),
      ),
      '',
    )
  }
  const fan = ran.filter(([n]) => F[n].fan[1] || F[n].fan[4])
  if (fan.length) {
    o.push(
      '**Fan-out**: MB/s at each viewer (slowest of them); last: 4 viewers, one of them on a 0.5 MB/s link',
      '',
    )
    o.push(
      table(
        [
          'system',
          '1 viewer',
          '4',
          '16',
          '16: sum MB/s',
          '×',
          'server CPU s, 16',
          '3 fast + 1 slow: fast ones',
          'server growth MB',
        ],
        fan.map((e) => {
          const f = F[e[0]],
            g = f.fan
          return [
            lab(e),
            num(g[1]?.each, 1),
            num(g[4]?.each, 1),
            num(g[16]?.each, 1),
            num(g[16]?.agg, 0),
            ratio(g[16]?.agg, b.fan?.[16]?.agg),
            num(g[16]?.cpu),
            num(f.fanSlow?.mbpsEach, 1),
            num(f.fanSlow?.peakGrowMB, 0),
          ]
        }),
      ),
      '',
    )
  }
  const mem = ran.filter(([n]) => F[n].memory)
  if (mem.length) {
    o.push('**Memory**: server processes only (the shells are not counted)', '')
    o.push(
      table(
        [
          'system',
          'idle RSS MB',
          'sessions',
          'RSS KB/session',
          'private KB/session',
          'private ×',
          'of it broker',
          'runner',
          'keeper',
          'set-ups/s',
        ],
        mem.map((e) => {
          const m = F[e[0]].memory
          return [
            lab(e),
            num(m.idleRssMB, 0),
            m.n,
            num(m.perSessionRssKB, 0),
            num(m.perSessionPrivKB, 0),
            ratio(m.perSessionPrivKB, b.memory?.perSessionPrivKB),
            m.roles.broker ? num(m.roles.broker.perSessionKB, 0) : '–',
            m.roles.runner ? num(m.roles.runner.perSessionKB, 0) : '–',
            m.roles.keeper ? num(m.roles.keeper.perSessionKB, 0) : '–',
            num(m.openPerS, 0),
          ]
        }),
      ),
      '',
    )
  }
  for (const [name, { resting }] of Object.entries(F)) {
    if (!resting) continue
    const roles = Object.entries(resting.roles).map(([role, mb]) => `${role} ${num(mb, 0)}`)
    o.push(
      `**Resting terminals** (${name}): ${resting.n} with 2,000 lines each: ${num(resting.afterMB, 0)} MB private in all` +
        ` (${roles.join(', ')}), ${num(resting.perTerminalKB, 0)} KB for each`,
      '',
    )
  }
  const skipped = Object.entries(result.systems).filter(([, s]) => s.skipped)
  if (skipped.length) o.push('**Not measured**', '', ...skipped.map(([n, s]) => `- ${n}: ${s.skipped}`), '')
  if (result.notes?.length) o.push('**Notes**', '', ...result.notes.map((n) => `- ${n}`), '')
  if (result.errors.length)
    o.push(
      '**Failures**',
      '',
      ...result.errors.map((e) => `- ${e.system}, ${e.what}: ${e.error.split('\n')[0]}`),
      '',
    )
  return o.join('\n')
}
