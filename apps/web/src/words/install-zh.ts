import type { Words } from './en.ts'

/** 同样的内容，中文。 */
export const installZh: Words['install'] = {
  title: '或在另一台机器上运行此行',
  region: '要运行的命令行',
  copy: '复制此行',
  copied: '已复制',
  packing: '中转服务器正在打包自己的版本…',
  orJoin: '或在机器上运行：',
  what: '此行会做什么',
  fetches: (kilobytes) => `从此中转服务器下载一个脚本（${kilobytes} KB），运行前可先阅读：`,
  checks: '脚本的哈希与绿色部分不符就停止。脚本中写有它所下载的全部文件的哈希。',
  places: (version, fetchedMb, installedMb) =>
    `把 Latchkey ${version} 安装到主目录：下载 ${fetchedMb} MB，占用磁盘 ${installedMb} MB。不需要 root，不从其他地方下载。缺少 Node 22 时使用此中转服务器的 Node。`,
  joins: '加入并显示 PIN，请在此输入。随后会询问是否随机器启动。',
  undo: '要全部撤销：',
  trust: '此行的可信程度与本页面相同。如果这不是您的中转服务器，请向其运营者核对哈希。',
}
