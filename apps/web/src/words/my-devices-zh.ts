import type { Words } from './en.ts'

/** 中文。 */
export const myDevicesZh: Words['myDevices'] = {
  title: '我的设备',
  link: '我的设备',
  lead: '让您的每台设备一键打开您的机器。请在您随身的设备上开始：它的密钥为列表签名，且从不离开该设备。',
  leadOwn: '这些设备可一键打开这些机器。每台机器按它见过的最新列表自行决定。',
  thisDevice: '本设备的编号：',
  machines: '机器',
  add: '添加',
  cannotKeep: '此浏览器不保存任何内容，不能作为所有者的设备。',
  states: {
    away: '当前未连接',
    free: '各设备用各自的配对打开',
    ours: '由您的设备打开',
    denied: '属于您，但要求设备输入 PIN',
    other: '属于其他所有者。如需更改，在该机器上运行：latchkey fleet leave',
  },
  devices: '设备',
  owner: '为列表签名',
  types: '可输入',
  looks: '可查看',
  remove: '移除',
  waiting: '已配对，但不在列表中',
  waitingText: '请与该设备“我的设备”页面上的编号核对。之后它可以打开上面的所有机器。',
  letLook: '查看',
  letType: '输入',
  ages: {
    fresh: (number, at, until) => `列表 ${number}，签名于 ${at}，有效至 ${until}。`,
    old: (number, at, until) =>
      `列表 ${number} 签名于 ${at}，有效至 ${until}。可能有更新的列表被扣留：请在签名设备上打开此页。`,
    over: (number, at) => `列表 ${number} 签名于 ${at}，已失效。请在签名设备上打开此页。`,
  },
  leave: '忘记此列表',
  notOpened: '尚未从本设备打开',
  opening: '正在打开…',
  notReached: '它已离线，或不允许您的设备进入。请用配对码配对，或重试。',
  open: '打开',
}
