import { accountListRu } from './account-list-ru.ts'
import { accountsRu } from './accounts-ru.ts'
import { attentionRu } from './attention-ru.ts'
import { auditRu } from './audit-ru.ts'
import { consoleRu } from './console-ru.ts'
import { counted } from './counted-ru.ts'
import { devicesRu } from './devices-ru.ts'
import type { Words } from './en.ts'
import { filesRu } from './files-ru.ts'
import { fleetRu } from './fleet-ru.ts'
import { installRu } from './install-ru.ts'
import { joinRu } from './join-ru.ts'
import { keyBarRu } from './key-bar-ru.ts'
import { knownAppsRu } from './known-apps-ru.ts'
import { myDevicesRu } from './my-devices-ru.ts'
import { noticesRu } from './notices-ru.ts'
import { pastRu } from './past-ru.ts'
import { programsRu } from './programs-ru.ts'
import { pushRu } from './push-ru.ts'
import { readerRu } from './reader-ru.ts'
import { scanRu } from './scan-ru.ts'
import { sealRu } from './seal-ru.ts'
import { selectionRu } from './selection-ru.ts'
import { shareRu } from './share-ru.ts'
import { tabsRu } from './tabs-ru.ts'
import { typingRu } from './typing-ru.ts'
import { webhooksRu } from './webhooks-ru.ts'

const symbols = (count: number) => counted(count, 'символ', 'символа', 'символов')

export const ru: Words = {
  tag: 'ru',

  brand: 'Latchkey',
  menu: 'Меню',
  close: 'Закрыть',
  cancel: 'Отмена',
  copy: 'Копировать',
  copied: 'Скопировано',
  tryAgain: 'Ещё раз',
  language: 'Язык',
  theme: 'Тема',
  themeSystem: 'Как в системе',
  themeDark: 'Тёмная',
  themeLight: 'Светлая',
  settings: 'Настройки',
  loading: 'Открываем…',
  reload: 'Обновить',
  pageBroke: 'Страница перестала работать.',
  pageBrokeNext: 'Обновите её, терминалы работают дальше.',
  awake: 'Не гасить экран',
  awakeOn: 'Пока что-то выполняется',
  awakeOff: 'Выкл.',
  aboutInstall: 'Установить как приложение',
  aboutInstallHere: 'В меню браузера: «На экран „Домой“» или «Установить».',
  aboutInstallNotHere:
    'Браузеры устанавливают страницы только с HTTPS или localhost. На обычном HTTP-адресе нет вставки кнопкой, камеры, запуска без сети и установки; всё остальное работает.',
  storageOff: 'Браузер ничего не хранит для этой страницы (приватный режим?), машины забудутся при закрытии.',

  nowhere: {
    title: 'Здесь нет страницы',
    lead: 'Возможно, в адресе опечатка или он от другой версии.',
    home: 'В начало',
  },

  pair: {
    title: 'Подключить машину',
    lead: 'Введите код с экрана машины.',
    leadFromLink: 'Код пришёл по ссылке. Сверьте его с экраном машины и нажмите «Подключить».',
    field: 'Код подключения',
    hint: 'Девять знаков. Можно строчными и без дефисов.',
    button: 'Подключить',
    busy: 'Подключаем…',
    paste: 'Вставить код',
    pasteEmpty: 'В буфере обмена нет кода. Скопируйте его на машине или введите.',
    openAgain: 'Открыть снова',
    where: 'Машина покажет код после',
    refused: {
      incomplete: ['В коде девять знаков.', 'Сверьте его с экраном машины.'],
      unknown: ['Такого кода нет ни на одной машине.', 'Проверьте девять знаков или получите новый код.'],
      ended: ['Этот код больше не действует.', 'Новый уже на экране машины.'],
      'machine-offline': ['Машина не в сети.', 'Разбудите её или проверьте сеть и попробуйте снова.'],
      'no-broker': ['Брокер не отвечает.', 'Проверьте, что телефон в той же сети, и попробуйте снова.'],
      'no-network': ['У телефона нет сети.', 'Подключите, когда сеть вернётся.'],
    },
    banned: 'Слишком много попыток.',
    bannedUntil: (clock) => `Попробуйте снова в ${clock}.`,
    inTime: (span) => `через ${span}`,
    banOver: 'Можно попробовать снова.',
    failed: 'Подключить не удалось.',
    codeStays: 'Код останется здесь.',
  },

  machines: {
    title: 'Ваши машины',
    lead: 'Открываются отсюда без кода.',
    pairOne: 'Подключить машину',
    online: 'В сети',
    looking: 'Ищем её…',
    offlineSince: (clock) => `Не в сети с ${clock}`,
    brokerSilent: 'Брокер не отвечает',
    signedOut: 'Это устройство больше не подключено',
    pairingEnded: 'Больше не подключена',
    pinWanted: 'Ждёт PIN',
    terminals: (count) => counted(count, 'терминал', 'терминала', 'терминалов'),
    noTerminals: 'терминалов нет',
    more: (machine) => `Ещё для ${machine}`,
    forget: 'Забыть машину',
    forgetTitle: (machine) => `Забыть ${machine}?`,
    forgetText: 'Браузер откажется от доступа. Терминалы там работают дальше; вернуть её можно новым кодом.',
    forgetYes: 'Забыть',
    pairAgain: 'Подключить снова',
  },

  link: {
    live: 'На связи',
    connecting: 'Соединяем',
    catchingUp: 'Догоняем',
    reconnecting: 'Восстанавливаем',
    offlineSince: (clock) => `Не в сети с ${clock}`,
    ended: 'Завершено',
    unpaired: 'Не подключена',
    refused: 'Не пускает',
    legs: (broker, machine) => `${broker} + ${machine} мс`,
    liveSaid: (broker, machine, name) =>
      `${broker} миллисекунд отсюда до брокера, ${machine} от брокера до ${name}.`,
    details: 'Связь',
    you: 'Эта страница',
    broker: 'Брокер',
    roundTrip: (ms) => `${ms} мс туда и обратно`,
    notSealed: 'Не зашифровано',
    notSealedText:
      'Связь пока не зашифрована насквозь: владелец брокера или посторонний в обычной HTTP-сети мог бы читать этот терминал.',
    noLinkSince: (clock) => `Нет связи с ${clock}`,
    keepsRunning: (machine) => `${machine} работает дальше, набранное ждёт здесь.`,
    keepsRunningWaiting: (machine, count) =>
      `${machine} работает дальше. Здесь ждёт связи ${symbols(count)}.`,
    reconnectNow: 'Соединить сейчас',
    nextTryIn: (seconds) => `попытка через ${seconds} с`,
    tryingNow: 'пробуем',
    machineAway: (machine) => `${machine} пропала со связи.`,
    machineAwayText: 'Если её программа перезапускается, терминалы вернутся через несколько секунд.',
    machineOffline: (machine) => `${machine} не в сети.`,
    machineOfflineText: (clock) => `Последний раз была на связи в ${clock}. Разбудите её или проверьте сеть.`,
    machineOfflineUntil: (clock) => `Подключение сохраняется до ${clock}.`,
    connectingTo: (machine) => `Соединяем с ${machine}…`,
    ends: {
      unpaired: (machine) => [
        `${machine} больше не подключена к этому браузеру.`,
        'Её программа завершилась, или владелец убрал доступ. Подключите снова новым кодом.',
      ],
      superseded: () => ['Эта машина открыта в другом окне.', 'Продолжите здесь; другое окно отключится.'],
      version: () => [
        'У страницы и машины разные версии.',
        'Обновите страницу; не поможет: обновите Latchkey на машине.',
      ],
      'sealing-required': () => [
        'Эта машина принимает только зашифрованную связь.',
        'Обновите страницы брокера.',
      ],
      'not-a-node': (machine) => [
        'Это устройство больше не подключено здесь.',
        `Его отозвали в консоли или им не пользовались 30 дней. Подключите его заново по ссылке оттуда или введите код ${machine}.`,
      ],
      closed: () => ['Это соединение закрыто.', ''],
    },
    goOnHere: 'Продолжить здесь',
    failure: {
      unreachable: 'До брокера не достучаться.',
      timeout: 'Брокер не ответил вовремя.',
      refused: 'Брокер отказал в соединении.',
    },
  },

  linking: accountsRu,
  attention: attentionRu,
  install: installRu,
  files: filesRu,
  myDevices: myDevicesRu,
  past: pastRu,
  typing: typingRu,
  push: pushRu,
  scan: scanRu,
  seal: sealRu,
  tabs: tabsRu,
  share: shareRu,

  term: {
    allMachines: 'Все машины',
    menu: 'Меню терминала',
    tabs: (machine) => `Терминалы на ${machine}`,
    newOne: 'Новый терминал',
    newOutput: 'новый вывод',
    ended: 'завершён',
    screenOf: (name) => `Экран ${name}. Текст есть в режиме чтения.`,
    unnamed: (number) => `Терминал ${number}`,
    none: 'Нет открытых терминалов.',
    noneNext: (machine) => `Откройте новый, и на ${machine} запустится оболочка.`,
    compose: 'Строка для отправки',
    composeHint: 'Напишите строку',
    composeHeld: 'Подождёт связи',
    send: 'Отправить',
    keys: 'Клавиши',
    moreKeys: 'Ещё клавиши',
    rename: 'Переименовать',
    record: 'Записывать на машине',
    recordStop: 'Остановить запись',
    recorded: 'Идёт запись',
    renameTitle: 'Имя терминала',
    name: 'Имя',
    save: 'Сохранить',
    closeOne: 'Закрыть терминал',
    closeTitle: (name) => `Закрыть ${name}?`,
    closeText: 'Программа на машине завершится для всех, кто смотрит.',
    closeYes: 'Закрыть терминал',
    reader: 'Чтение',
    readerOpen: 'Режим чтения',
    paste: 'Вставить',
    pasteHere: 'Текст для вставки',
    pasteHereHint:
      'На этом адресе буфер обмена недоступен страницам. Удерживайте палец здесь и выберите «Вставить».',
    pasteTitle: (lines) =>
      lines === 1 ? 'Вставить этот текст?' : `Вставить ${counted(lines, 'строку', 'строки', 'строк')}?`,
    pasteControl:
      'В нём есть управляющие символы, на которые программа может отозваться. Они заменены знаками.',
    pasteText: 'Программа может выполнять каждую строку сразу.',
    pasteYes: 'Вставить',
    textLarger: 'Крупнее',
    textSmaller: 'Мельче',
    textSize: (px) => `Текст ${px} px`,
    keyboard: 'Клавиатура',
    takeSize: 'Мой размер',
    sizedFor: 'Размер по',
    sizedForWindow: 'размер по этому окну',
    sizedForOther: (label) => `размер по ${label}`,
    anotherApp: 'другому приложению',
    followCursor: 'За курсором',
    fit: 'Целиком',
    howToShow: 'Как показать широкий экран',
    watching: (label) => `Смотрит ${label}`,
    watchingMany: (count) => `Смотрят ещё ${count}`,
    viewOnly: 'Только просмотр',
    viewOnlyText: (machine) => `Владелец ${machine} разрешил смотреть, но не печатать.`,
    jumpToEnd: 'В конец',
    earlier: 'Ранние строки',
    earlierLoading: 'Загружаем…',
    gap: (size) => `Без вас прошло ${size}`,
    dismiss: 'Понятно',
    exited: (code) => (code === 0 ? 'Программа завершилась.' : `Программа завершилась с кодом ${code}.`),
    exitedSignal: (signal) => `Программа завершена сигналом ${signal}.`,
    allReceived: (machine) => `${machine} получила всё набранное`,
    onTheWay: (count) => `${symbols(count)} в пути`,
    full: {
      waiting: 'Отправляется длинная вставка. Набранное ждёт за ней.',
      refused:
        'Ждёт слишком много. Последняя вставка не отправлена: вставьте ещё раз, когда остальное дойдёт.',
      'too-large': 'Это больше 1 МБ. Ничего не отправлено: вставьте по частям или через файл.',
    },
    wayOut: (keys) => `${keys} — выйти из терминала.`,
    wayOutShort: (keys) => `${keys} — выйти`,
    larger: 'Экран больше этого окна. Его двигают стрелки.',
    showBars: 'Показать заголовок и вкладки',
    showKeys: 'Показать клавиши',
    scrollProgram: 'Прокручивает программу',
    scrollHere: 'Прокручивает строки здесь',
    copyTitle: (name, lines) => `${name}: скопировать ${counted(lines, 'строку', 'строки', 'строк')}?`,
    copyText: (machine) =>
      `В буфер обмена этого устройства. Программы на ${machine} никогда не могут его прочитать.`,
    copyLines: 'Что будет скопировано',
    copyAlways: (machine) => `Дальше без вопроса, для ${machine}`,
    copyNot: 'Не сейчас',
    copyYes: (lines) => `Скопировать ${counted(lines, 'строку', 'строки', 'строк')}`,
    copyDone: (name, machine, lines) =>
      `${name} на ${machine}: скопировано ${counted(lines, 'строка', 'строки', 'строк')}`,
    copyAskAgain: 'Снова спрашивать о копировании',
    copyRefused: 'Здесь браузер не даёт страницам буфер обмена.',
    cannotOpen: 'Открыть терминал не удалось.',
    held: 'Отправить набранное без связи?',
    heldText: (span, machine) => `Оно ждало ${span}, ${machine} этого ещё не видела. Экран мог измениться.`,
    heldHidden: (count) => `${symbols(count)}, не показаны: программа спросила пароль.`,
    discard: 'Удалить',
    sendTo: (machine) => `Отправить на ${machine}`,
  },

  reader: readerRu,

  keyBar: keyBarRu,
  selection: selectionRu,

  keys: {
    slash: 'Косая черта',
    up: 'Вверх',
    down: 'Вниз',
    left: 'Влево',
    right: 'Вправо',
    pipe: 'Вертикальная черта',
    interrupt: 'Прервать, Control C',
    tilde: 'Тильда',
    dash: 'Дефис',
    underscore: 'Подчёркивание',
    backspace: 'Backspace',
    endOfInput: 'Конец ввода, Control D',
    suspend: 'Приостановить, Control Z',
    shiftTab: 'Shift Tab',
    locked: (key) => `${key}, закреплён`,
    newLine: 'Новая строка, Shift Enter',
    paste: 'Вставить',
    colon: 'Двоеточие',
    at: 'Собака',
    bang: 'Восклицательный знак',
    space: 'Пробел',
    save: 'Сохранить, двоеточие w',
    quit: 'Выйти, двоеточие q',
    saveAndQuit: 'Сохранить и выйти, двоеточие w q',
    quitAnyway: 'Выйти без сохранения, двоеточие q и восклицательный знак',
    newWindow: 'Новое окно, Control B c',
    nextWindow: 'Следующее окно, Control B n',
    lastWindow: 'Предыдущее окно, Control B p',
    copyMode: 'Режим копирования, Control B и скобка',
    detach: 'Отсоединиться, Control B d',
    zoomPane: 'Развернуть панель, Control B z',
    nextPane: 'Следующая панель, Control B o',
    nextOnly: (key) => `${key}, для следующей клавиши`,
    heldDown: (key) => `${key}, удерживается`,
    again: (key) => `${key}: нажмите ещё раз, чтобы набрать`,
  },

  console: consoleRu,

  devices: devicesRu,
  fleet: fleetRu,
  audit: auditRu,
  programs: programsRu,
  webhooks: webhooksRu,
  accountList: accountListRu,
  notices: noticesRu,

  join: joinRu,
  knownApps: knownAppsRu,

  span: {
    seconds: (s) => `${s} с`,
    minutes: (m, s) => (s === 0 ? `${m} мин` : `${m} мин ${s} с`),
    hours: (h, m) => (m === 0 ? `${h} ч` : `${h} ч ${m} мин`),
    days: (d, h) => (h === 0 ? `${d} д` : `${d} д ${h} ч`),
  },
}
