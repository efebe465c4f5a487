import type { Words } from './en.ts'

export const sealZh: Words['seal'] = {
  pinTitle: (machine) => `输入 ${machine} 上显示的 PIN`,
  pinLead: '它证明这是您的机器，中间没有他人。',
  field: 'PIN',
  hint: (digits, left) => `${digits === 6 ? '六' : `${digits} `}位数字，${left} 内有效`,
  goodFor: (left) => `${left} 内有效`,
  tried: '这些数字您已经输入过。',
  triedNext: (machine) =>
    `机器不会两次显示同一个 PIN。如果 ${machine} 的屏幕显示其他数字，请输入那些；否则连接可能被截取，请返回。`,
  incomplete: 'PIN 的位数不够。',
  incompleteNext: (machine) => `请与 ${machine} 的屏幕核对。`,
  wrong: 'PIN 不匹配。',
  wrongNext: (machine) => `${machine} 已显示新的 PIN，请输入新的六位数字。`,
  wrongWait: (machine) => `${machine} 正在生成新的 PIN…`,
  onScreen: (machine) => `在 ${machine} 的屏幕上`,
  onScreenText: (label) =>
    `“PIN”后面的六位数字，请求者显示为“${label}”。机器没有屏幕时，用 “latchkey pin” 查看。没有 PIN？说明您连接的是另一台机器：请返回。`,
  giveUp: '返回并放弃配对',

  sealed: '已加密',
  sealedText: (machine) =>
    `只有此浏览器和 ${machine} 能读取输入与输出。中转服务器只知道谁在连接、何时以及数据量。`,
  fingerprint: (machine) => `${machine} 的指纹`,
  kept: '此浏览器中的密钥',
  keptRawText:
    '在普通 HTTP 上，浏览器不向页面提供受保护的密钥存储，因此机器的密钥保存在普通存储中。能读取此浏览器文件的人也能读取它们。使用 HTTPS 或 localhost 时，此浏览器的密钥无法被读出。',
  keptSafeText: '此浏览器的密钥由浏览器自己保管，任何页面都无法读出。',
  newPin: '获取新的 PIN',

  refused: {
    'pin-mismatch': () => ['PIN 不匹配。', '机器可以显示新的 PIN。'],
    busy: (machine) => [`${machine} 正在向他人询问 PIN。`, '一次只能询问一个。请等一分钟后重试。'],
    locked: (machine) => [
      `${machine} 不再接受新的连接。`,
      '配对已由所有者锁定，或因 PIN 错误过多而锁定。其所有者可在该机器上用 “latchkey unlock” 解锁。',
    ],
    'window-closed': (machine) => [
      `${machine} 目前不接受新的配对。`,
      'PIN 请求过于频繁，机器暂时不再显示。请扫描其二维码，或请其所有者运行 “latchkey unlock”。',
    ],
    expired: () => ['此 PIN 或链接已过期。', '请用机器当前显示的内容重新配对。'],
    revoked: (machine) => [
      `${machine} 不再允许此浏览器访问。`,
      '其所有者收回了权限，或机器已忘记它。重新配对时机器会询问。',
    ],
    version: (machine) => [
      `此页面与 ${machine} 的版本不兼容。`,
      '请重新加载；若无效，请更新机器上的 Latchkey。',
    ],
    'not-authentic': (machine) => [
      `无法证明这是 ${machine}。`,
      '链接可能有误，或中间有他人。没有发送任何内容。请用机器屏幕上的配对码重新配对。',
    ],
    'runner-changed': (machine) => [
      `这不是此浏览器认识的 ${machine}。`,
      '它的密钥不同，没有发送任何内容。若您重新设置过该机器，请在此忘记它并重新配对。',
    ],
    'no-key': (machine) => [`此浏览器没有 ${machine} 的密钥。`, '请用机器屏幕上的配对码重新配对。'],
    'cannot-seal': () => ['此机器无法加密连接，中转服务器可能读取内容。', '请在该机器上更新 Latchkey。'],
    'given-up': () => ['配对已放弃。', '请用机器屏幕上的配对码重新配对。'],
  },
}
