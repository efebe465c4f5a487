import type { PushRecord } from './push-book.ts'

/** What notifications say themselves, in the languages of the pages. `about`: the program's name, untrusted. */
export interface PushWords {
  readonly needsYou: (about: string) => string
  readonly asks: (about: string) => string
  readonly failed: (about: string) => string
  readonly done: (about: string) => string
  readonly several: (terminals: number) => string
  readonly test: string
  readonly testBody: (machine: string) => string
}

export const PUSH_WORDS: Readonly<Record<PushRecord['language'], PushWords>> = {
  en: {
    needsYou: (about) => `${about} needs you`,
    asks: (about) => `${about} asks you`,
    failed: (about) => `${about} failed`,
    done: (about) => `${about} is done`,
    several: (terminals) => `News from ${terminals} terminals`,
    test: 'Test',
    testBody: (machine) => `Notifications from ${machine} arrive here.`,
  },
  ru: {
    needsYou: (about) => `${about} ждёт вас`,
    asks: (about) => `${about} спрашивает вас`,
    failed: (about) => `${about}: ошибка`,
    done: (about) => `${about}: готово`,
    several: (terminals) => `Новости терминалов: ${terminals}`,
    test: 'Проверка',
    testBody: (machine) => `Уведомления от ${machine} приходят сюда.`,
  },
  zh: {
    needsYou: (about) => `${about} 需要你`,
    asks: (about) => `${about} 有问题要问你`,
    failed: (about) => `${about} 失败了`,
    done: (about) => `${about} 已完成`,
    several: (terminals) => `${terminals} 个终端有新消息`,
    test: '测试',
    testBody: (machine) => `来自 ${machine} 的通知会到达这里。`,
  },
}
