import type { Words } from './en.ts'

/** 中文。 */
export const selectionZh: Words['selection'] = {
  begin: '选择文本',
  selected: (count) => `已选择 ${count} 行`,
  nothing: '未选择内容',
  start: '选区开头',
  end: '选区结尾',
  copy: '复制',
  all: '全选',
  openLink: '打开链接',
  openFile: '打开文件',
  share: '分享',
  more: '更多',
  less: '返回',
  copied: (count) => `已复制 ${count} 行`,
  refused: '此浏览器不允许页面使用剪贴板。',
}
