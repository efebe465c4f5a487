import type { Words } from './en.ts'

/** 中文。 */
export const tabsZh: Words['tabs'] = {
  all: (count) => `${count} 个终端总览`,
  title: (machine) => `${machine} 上的所有终端`,
  needYou: (count) => `${count} 个需要您处理`,
  back: '返回终端',
  find: '查找终端',
  found: (count, of) => `${count} / ${of}`,
  notFound: '名称、文件夹和最后几行中都没有找到。',
  rename: (name) => `重命名 ${name}`,
  close: (name) => `关闭 ${name}`,
  unnamed: '留空则重新由其程序命名。',
}
