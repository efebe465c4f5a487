import type { Words } from './en.ts'

/** 中文。 */
export const pastZh: Words['past'] = {
  mark: '先前的',
  ended: (time) => `已于 ${time} 随机器关闭而结束`,
  lead: '这是最后的屏幕。上方的内容见阅读视图。',
  copyCommand: '复制恢复命令',
  copied: '已复制',
  resume: '在新终端中恢复',
  fresh: '在此处打开新终端',
  forget: '忘记',
  forgetAll: (count) => `全部忘记（${count}）`,
  note: (folder) => `新的 shell 在 ${folder} 中启动。`,
  noteResume: (folder) => `两者都会在 ${folder} 中启动新的 shell。命令只会输入，按 Enter 后才运行。`,
  newPrivate: '新建私密终端',
}
