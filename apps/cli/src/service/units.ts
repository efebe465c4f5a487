/** A program that the system starts and keeps running. */
export interface ServicePlan {
  /** `run`: the runner alone, at a broker elsewhere. `up`: broker and runner. */
  readonly command: 'run' | 'up'
  /** how to start Latchkey: the absolute path of its command, or of Node and the program */
  readonly start: readonly string[]
  readonly dataDir: string
  /** holds settings, one NAME=value a line; may be missing */
  readonly envFile: string
  /** where terminals open */
  readonly home: string
}

/** The name of the unit and of the job. */
export const SERVICE_NAME = 'latchkey'
export const LAUNCHD_LABEL = 'dev.latchkey'

/** Exits after which a start would end the same way: bad settings, and refused by the broker. */
const FINAL_EXITS = '2 4'

/**
 * A systemd user unit. `KillMode=process`, because the keeper and the programs in its terminals are in the same control group and
 * must outlive a restart. Nothing that a terminal's programs would inherit is restricted.
 */
export const userUnit = (plan: ServicePlan): string => `[Unit]
Description=Latchkey: ${plan.command === 'up' ? 'a broker and the terminals of this machine' : 'the terminals of this machine'}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${[...plan.start, plan.command, '--quiet', '--data-dir', plan.dataDir].map(systemdWord).join(' ')}
EnvironmentFile=-${systemdPath(plan.envFile)}
WorkingDirectory=-${systemdPath(plan.home)}
# The pairing URL goes to stdout: it is no business of the journal. "latchkey code" shows it.
StandardOutput=null
StandardError=journal
KillMode=process
TimeoutStopSec=20
OOMPolicy=continue
Restart=always
RestartSec=2
RestartPreventExitStatus=${FINAL_EXITS}
SuccessExitStatus=130

[Install]
WantedBy=default.target
`

/**
 * A systemd system unit for a broker alone, which owns no terminals and is shut in. Its user and its folder under /var/lib are
 * systemd's; settings come from /etc/latchkey/broker.env.
 * @param start absolute paths of Node and the broker's program
 */
export const brokerUnit = (start: readonly string[]): string => `[Unit]
Description=Latchkey broker
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${start.map(systemdWord).join(' ')}
Environment=LATCHKEY_DATA_DIR=/var/lib/latchkey
EnvironmentFile=-/etc/latchkey/broker.env
DynamicUser=yes
StateDirectory=latchkey
StateDirectoryMode=0700
StandardOutput=journal
StandardError=journal
TimeoutStopSec=20
Restart=always
RestartSec=2
RestartPreventExitStatus=2
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
UMask=0077
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`

/** A launchd agent. `AbandonProcessGroup`, so that the keeper outlives a restart. launchd has no file of settings. */
export const launchAgent = (plan: ServicePlan, logFile: string): string => {
  const words = ['/bin/sh', '-c', SOURCED, 'latchkey', plan.envFile, ...plan.start, plan.command]
  const all = [...words, '--quiet', '--data-dir', plan.dataDir]
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${all.map((word) => `    <string>${xml(word)}</string>`).join('\n')}
  </array>
  <key>WorkingDirectory</key><string>${xml(plan.home)}</string>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>ThrottleInterval</key><integer>5</integer>
  <key>AbandonProcessGroup</key><true/>
  <key>StandardOutPath</key><string>/dev/null</string>
  <key>StandardErrorPath</key><string>${xml(logFile)}</string>
</dict>
</plist>
`
}

/** Reads the settings that are there, then becomes the program. */
const SOURCED = 'if [ -f "$1" ]; then set -a; . "$1"; set +a; fi; shift; exec "$@"'

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** systemd.service(5): quoted, with `%` and `$` doubled, since it replaces both. */
const systemdWord = (word: string): string =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`

/** A setting that is one path is read to the end of its line, without quotes. */
const systemdPath = (path: string): string => path.replaceAll('%', '%%')
