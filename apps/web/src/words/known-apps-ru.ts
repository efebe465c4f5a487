import type { Words } from './en.ts'

export const knownAppsRu: Words['knownApps'] = {
  show: (machine) => `Приложения машины ${machine}`,
  asking: (machine) => `Спрашиваем ${machine}…`,
  none: (machine) => `${machine} пока не знает ни одного приложения.`,
  types: 'Может вводить',
  watches: 'Только смотрит',
  unsealed: 'Не зашифровано',
  hereNow: 'Сейчас здесь',
  thisBrowser: 'Этот браузер',
  notIn: (machine) => `${machine} его не впускала`,
  silent: (machine) => `${machine} не отвечает, что можно её приложениям. Показано то, что знает брокер.`,
  held: 'не пускается: с его ключами пришли двое',
  lastHere: (when) => `Было здесь ${when}`,
  more: (app) => `Ещё о ${app}`,
  rename: 'Переименовать',
  renameTitle: (app) => `Переименовать ${app}`,
  name: 'Имя',
  renameYes: 'Сохранить',
  revoke: 'Забрать доступ',
  revokeTitle: (app) => `Забрать доступ у ${app}?`,
  revokeText: (machine) =>
    `${machine} за секунду оборвёт его связь и никогда больше не примет его ключ. Программы на ней продолжат работу. Чтобы вернуться, нужно подключиться заново, с PIN с экрана машины.`,
  revokeAll: 'Забрать у всех',
  revokeAllTitle: (machine) => `Забрать доступ у всех приложений ${machine}?`,
  lock: 'Запереть подключение',
  lockTitle: (machine) => `Запереть подключение к ${machine}?`,
  lockText: (machine) =>
    `Знакомые приложения войдут как прежде. Отменить это может только владелец, на самой ${machine}: брокер, умеющий отпирать, впустил бы сам себя.`,
  lockedOwner: (machine) => `${machine} не пускает новые приложения. Отпирается там, командой`,
  lockedGuessing: (machine) =>
    `${machine} не пускает новые приложения: было слишком много неверных PIN. Отпирается там, командой`,
  troubles: {
    RUNNER_OFFLINE: (machine) => `${machine} не подключена. Сделать это может только сама машина.`,
    TIMEOUT: (machine) => `${machine} не ответила вовремя. Сделано ли это, неизвестно.`,
    NO_SUCH_APP: (machine) => `${machine} больше не знает этого приложения.`,
    other: (machine) => `${machine} не смогла это сделать.`,
  },
}
