import type { Words } from './en.ts'

/** 中文版本。 */
export const typingZh: Words['typing'] = {
  echo: '按键回显',
  echoText: '距机器超过 30 毫秒时，字母会在它应答前显示；读取密码时绝不显示。',
  echoAuto: '慢速链路提前显示',
  echoOff: '关闭',
  toAgent: '写给智能体',
  suggest: '在这里书写或口述消息',
  suggestNo: '继续使用按键',
}
