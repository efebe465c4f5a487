import type { Words } from './en.ts'

/** 中文。 */
export const scanZh: Words['scan'] = {
  button: '扫描二维码',
  title: '扫描二维码',
  lead: '将摄像头对准机器屏幕上的二维码。',
  starting: '正在启动摄像头…',
  picture: '摄像头画面',
  troubles: {
    plain: [
      '在普通 HTTP 地址上，浏览器不向网页提供实时摄像头。',
      '请拍摄机器屏幕上的二维码，或手动输入配对码。',
    ],
    refused: ['此页面不能使用摄像头。', '请在浏览器的网站设置中允许后重试，或选择照片。'],
    none: ['没有找到摄像头。', '请选择二维码照片，或手动输入配对码。'],
    busy: ['摄像头无法启动。', '请关闭正在使用它的程序后重试，或选择照片。'],
    'not-loaded': ['扫描功能未能加载。', '请检查网络后重试，或手动输入配对码。'],
  },
  takePhoto: '拍照',
  choosePhoto: '选择照片',
  looking: '正在查找二维码…',
  notes: {
    other: ['此二维码不是配对链接。', '请扫描机器屏幕上的二维码。'],
    'no-code': ['照片中没有可识别的二维码。', '请重新拍摄：靠近、正对，并包含整个二维码。'],
    'not-picture': ['此文件无法作为图片打开。', '请选择 JPEG 或 PNG 图片。'],
  },
  elsewhere: '此链接通向另一个中转服务器',
  elsewhereText: (here) => `此页面来自 ${here}。仅在您信任另一个地址时打开：它会得知配对码。`,
  open: '打开',
}
