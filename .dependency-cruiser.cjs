/** Who may know whom (ARCHITECTURE.md). Each rule has a canary in tools/checks/canaries/layers that must be reported. */

const anyOf = (...names) => `(^|/)node_modules/(${names.join('|')})(/|$)|^(${names.join('|')})(/|$)`
const NEST = anyOf('@nestjs')
const DRIVERS = anyOf('better-sqlite3', 'kysely', 'pg', 'ioredis')
const EDGE = '\\.(gateway|controller|resolver)\\.ts$'
const TEST = '\\.(spec|contract)\\.ts$|/(contract|schedules|testing|fixtures)/'

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    rule(
      'domain-imports-nothing',
      'Decisions are pure: no wire, no store, no platform. What a decision needs is an argument.',
      { path: '^packages/domain/', pathNot: TEST },
      { pathNot: '^packages/domain/' },
    ),
    rule(
      'protocol-knows-the-domain-only',
      'The wire is read by browsers, Node and tests alike: it knows the domain’s words, its schema library and hashes.',
      { path: '^packages/protocol/src/', pathNot: TEST },
      { pathNot: `^packages/(protocol|domain)/|${anyOf('zod', '@noble/hashes')}` },
    ),
    rule(
      'connection-knows-protocol-and-domain',
      'The client side runs in browser and Node: the platform (sockets, clock, randomness) is handed in.',
      { path: '^packages/connection/src/', pathNot: TEST },
      { pathNot: `^packages/(connection|protocol|domain)/|${anyOf('socket.io-client')}` },
    ),
    rule(
      'stores-know-the-domain-only',
      'A store keeps what the domain decided; it speaks to no client and knows no wire.',
      { path: '^packages/stores/' },
      { path: '^(packages/(protocol|connection|e2ee|whatsapp)|apps)/' },
    ),
    rule(
      'broker-never-seals-nor-opens',
      'That a broker cannot read terminals is a fact of the import graph, not a promise.',
      { path: '^apps/broker/' },
      { path: '^packages/(e2ee|connection)/|^apps/(runner|web|cli)/', reachable: true },
    ),
    rule(
      'edges-never-reach-a-store',
      'A gateway, controller or resolver hears, asks its service and answers; what it would do to a store is a decision.',
      { path: EDGE },
      { path: `^packages/(stores|domain/src/.*/(decide|ports))|${DRIVERS}` },
    ),
    rule(
      'nest-in-the-broker-only',
      'A framework is one program’s choice; libraries and the other programs know none.',
      { path: '^(packages|apps)/', pathNot: `^apps/broker/|${TEST}` },
      { path: NEST },
    ),
    rule(
      'nest-in-its-places-only',
      'The framework can be replaced while it is known to edges, modules and the shell that starts it; the founding services carry its two decorators for injection (tools/checks/rules/code.ts).',
      {
        path: '^apps/broker/',
        pathNot: `${EDGE}|\\.module\\.ts$|/(main|broker)\\.ts$|/(http|routes|shell)/|${TEST}`,
      },
      { path: NEST, pathNot: anyOf('@nestjs/common') },
    ),
    rule(
      'drivers-in-stores-only',
      'A driver elsewhere would be a second way to the data, past the one transaction.',
      { path: '^(packages|apps)/', pathNot: '^packages/stores/' },
      { path: DRIVERS },
    ),
    rule(
      'baileys-in-whatsapp-only',
      'Its libsignal is GPL-3.0 and it is heavy: an optional room holds both.',
      { path: '^(packages|apps)/', pathNot: '^packages/whatsapp/' },
      { path: anyOf('baileys', '@whiskeysockets/baileys') },
    ),
    rule(
      'pty-in-runner-only',
      'The runner alone starts programs.',
      { path: '^(packages|apps)/', pathNot: '^apps/runner/|\\.(spec)\\.ts$' },
      { path: anyOf('@lydell/node-pty', 'node-pty') },
    ),
    rule(
      'packages-never-import-apps',
      'A library has no process, no port and no main.',
      { path: '^packages/' },
      { path: '^apps/' },
    ),
    rule(
      'apps-apart',
      'Only the command line starts other programs; pages, runner and broker meet on the wire.',
      { path: '^apps/(runner|web)/', pathNot: TEST },
      { path: '^apps/(?!$1/)|^packages/stores/' },
    ),
    rule(
      'no-cycles',
      'Two files that need each other are one thing, or miss a third. A type import counts; folders are judged by tools/checks/rules/floors.ts.',
      {},
      { circular: true },
    ),
    rule(
      'resolvable',
      'An import that leads nowhere is a checker that sees nothing.',
      { path: '^(packages|apps)/' },
      { couldNotResolve: true },
    ),
    rule(
      'no-test-code-in-the-product',
      'What ships does not import tests.',
      { path: '^(packages|apps)/[^/]+/src/', pathNot: TEST },
      { path: `${TEST}|^test/` },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^apps/web/served/|\\.d\\.ts$|(^|/)coverage/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.base.json` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      mainFields: ['module', 'main'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
  },
}
