import type { Words } from './en.ts'

export const noticesZh: Words['notices'] = {
  title: '通知',
  lead: '何时呼叫您',
  here: '呼叫此浏览器',
  hereText: '消息不含内容：只说明有事发生，点按可打开控制台。',
  notAble: '此浏览器在这里无法接收消息：需要 HTTPS，iPhone 还需添加到主屏幕。',
  off: '此中转服务器不呼叫任何浏览器。请设置推送服务联系您的方式：',
  noPush: '浏览器未获许可，或无法连接推送服务。',
  failed: '中转服务器没有执行。请重试。',
  kinds: {
    'device-asks': ['有设备请求加入', '它扫了码，或显示代码等您批准。'],
    'device-joined': ['有设备已加入', '通过 PIN、批准或加入密钥。'],
    'device-ended': ['有设备即将离开', '它已退出、未被使用，或登录即将过期。'],
    'machine-offline': ['有机器离线', '它已告别，或未按时返回。'],
    guessing: ['配对码正被猜测', '警报响起，或熔断开启。'],
  },
  since: (when) => `自 ${when} 起呼叫`,
  remove: '移除',
  removeOne: (label) => `移除 ${label}`,
  test: '立即呼叫全部',
  tested: (taken, all) => `${all} 个推送服务中 ${taken} 个已接收。`,
}
