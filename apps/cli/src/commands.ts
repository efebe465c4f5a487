import { acpCommand } from './acp/acp.ts'
import { agentsCommand } from './agents/agents.ts'
import { keysCommand } from './api-keys/keys.ts'
import { attachCommand } from './attach/attach.ts'
import { backupCommand, restoreCommand } from './backup/backup.ts'
import type { Command } from './command.ts'
import { completionCommand, manCommand } from './completion/completion.ts'
import { doctorCommand } from './doctor/doctor.ts'
import { getCommand } from './files/get.ts'
import { sendCommand } from './files/send.ts'
import { fleetCommand } from './fleet/fleet.ts'
import { hookCommand } from './hook/hook.ts'
import { addCommand } from './install/add.ts'
import { uninstallCommand } from './install/uninstall.ts'
import { updateCommand } from './install/update.ts'
import { joinCommand } from './join/join.ts'
import { leaveCommand } from './join/leave.ts'
import { bansCommand } from './limits/bans.ts'
import { appsCommand, lockCommand, pinCommand, revokeCommand, unlockCommand } from './owner/owner-commands.ts'
import { recordCommand } from './owner/record.ts'
import { rightsCommand } from './owner/rights.ts'
import { psCommand } from './ps/ps.ts'
import { runCommand } from './run/run.ts'
import { secretCommand } from './secrets/secret.ts'
import { codeCommand } from './service/code.ts'
import { serviceCommand } from './service/service.ts'
import { shareCommand } from './sharing/share.ts'
import { statusCommand } from './status/status.ts'
import { stopCommand } from './stop/stop.ts'
import { upCommand } from './up/up.ts'
import { webhooksCommand } from './webhooks/webhooks.ts'

/** What may follow `latchkey`, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  upCommand,
  runCommand,
  attachCommand,
  sendCommand,
  getCommand,
  joinCommand,
  leaveCommand,
  addCommand,
  statusCommand,
  psCommand,
  stopCommand,
  appsCommand,
  rightsCommand,
  revokeCommand,
  lockCommand,
  unlockCommand,
  codeCommand,
  pinCommand,
  agentsCommand,
  hookCommand,
  acpCommand,
  recordCommand,
  shareCommand,
  fleetCommand,
  serviceCommand,
  updateCommand,
  doctorCommand,
  bansCommand,
  keysCommand,
  webhooksCommand,
  backupCommand,
  restoreCommand,
  uninstallCommand,
  secretCommand,
  completionCommand(() => COMMANDS),
  manCommand(() => COMMANDS),
]
