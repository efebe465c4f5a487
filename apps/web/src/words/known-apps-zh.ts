import type { Words } from './en.ts'

export const knownAppsZh: Words['knownApps'] = {
  show: (machine) => `${machine} 的应用`,
  asking: (machine) => `正在询问 ${machine}…`,
  none: (machine) => `${machine} 还不认识任何应用。`,
  types: '可以输入',
  watches: '只能查看',
  unsealed: '未加密',
  hereNow: '当前在线',
  thisBrowser: '此浏览器',
  notIn: (machine) => `${machine} 尚未允许其进入`,
  silent: (machine) => `${machine} 没有说明其应用的权限。以下为中转服务器所知的信息。`,
  held: '已拒绝：有两个应用使用同一密钥',
  lastHere: (when) => `上次在线 ${when}`,
  more: (app) => `${app} 的更多操作`,
  rename: '重命名',
  renameTitle: (app) => `重命名 ${app}`,
  name: '名称',
  renameYes: '保存',
  revoke: '收回权限',
  revokeTitle: (app) => `收回 ${app} 的权限？`,
  revokeText: (machine) =>
    `${machine} 会在一秒内断开它的连接，并永远拒绝它的密钥。机器上运行的程序不受影响。若要返回，必须用机器屏幕上的 PIN 重新配对。`,
  revokeAll: '全部收回',
  revokeAllTitle: (machine) => `收回 ${machine} 所有应用的权限？`,
  lock: '锁定配对',
  lockTitle: (machine) => `不再让新应用进入 ${machine}？`,
  lockText: (machine) =>
    `已知的应用照常进入。只有所有者能在 ${machine} 上解锁：能解锁的中转服务器就能让自己进入。`,
  lockedOwner: (machine) => `${machine} 不接受新的应用。在该机器上解锁：`,
  lockedGuessing: (machine) => `PIN 错误过多，${machine} 不接受新的应用。在该机器上解锁：`,
  troubles: {
    RUNNER_OFFLINE: (machine) => `${machine} 未连接。只有机器自己能做到。`,
    TIMEOUT: (machine) => `${machine} 没有及时回答。不知道是否已完成。`,
    NO_SUCH_APP: (machine) => `${machine} 已不认识此应用。`,
    other: (machine) => `${machine} 无法做到。`,
  },
}
