import type { Words } from './en.ts'

export const accountListZh: Words['accountList'] = {
  lead: (connected, all) =>
    all === 0 ? '还没有关联账号。' : `${all} 个中 ${connected} 个在线。需要处理的排在最前。`,
  off: '此中转服务器未启用账号关联。启用方式：',
  linkedSince: (when) => `关联于 ${when}`,
  linkAgain: '重新关联',
  linkAgainTitle: (name) => `重新关联 ${name}`,
  linkAgainText: '把此地址发给持有手机的人。页面会显示二维码或代码。',
  theLink: '地址',
  failed: '中转服务器未能生成地址。请重试。',
  states: {
    idle: ['未关联', ''],
    starting: ['关联中', '正在向 WhatsApp 请求代码。'],
    qr: ['关联中', '二维码等待扫描。'],
    code_wanted: ['关联中', '正在向 WhatsApp 请求代码。'],
    code_shown: ['关联中', '代码等待在手机上输入。'],
    finishing: ['关联中', '手机已同意。'],
    connected: ['在线', ''],
    reconnecting: ['重连中', '暂时无法连接 WhatsApp，会自行恢复。'],
    unlinking: ['取消关联中', '一旦能连上 WhatsApp 就会通知它。'],
    stopped: ['已停止', 'WhatsApp 多次拒绝。频繁重试只会更糟。'],
    expired: ['未关联', '代码在使用前已过期。'],
    failed: ['失败', '关联未成功，请重试。'],
    logged_out: ['已登出', 'WhatsApp 已在手机上结束关联。消息仍在手机里。'],
    replaced: ['在别处使用', '另一个程序正在使用此关联。重新关联即可收回。'],
    elsewhere: ['在线', '由另一个服务器实例持有。'],
  },
}
