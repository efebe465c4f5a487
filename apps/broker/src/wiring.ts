/**
 * The names under which parts are injected. Everything that is no class is asked for by one of these, so that no decorator
 * metadata is needed and the wiring can be read in the modules alone.
 */
export const SETTINGS = Symbol('Settings')
export const SECRETS = Symbol('Secrets')
export const LOG = Symbol('Log')
/** `() => number`: milliseconds since the epoch, the same clock that the store has */
export const CLOCK = Symbol('Clock')
export const PAIRING_STORE = Symbol('PairingStore')
export const PAIRING_RULES = Symbol('PairingRules')
/** How many codes are tried before registering one is given up. */
export const CODE_TRIES_MAX = Symbol('CodeTriesMax')
/** What new codes are made of. */
export const CODE_ALPHABET = Symbol('CodeAlphabet')
/** Where people reach this broker; known once it listens. */
export const REACH = Symbol('Reach')
export const PULSE = Symbol('Pulse')
export const TICKETS = Symbol('TicketOffice')
export const RELAY = Symbol('TerminalRelay')
export const APP_CREDENTIALS = Symbol('AppCredentials')
/** Masks a code for logs and history. */
export const CODE_MASK = Symbol('CodeMask')
/** Which broker processes there are. */
export const NODES = Symbol('Nodes')
/** What brokers tell each other. */
export const CLUSTER_BUS = Symbol('ClusterBus')
export const ORIGINS = Symbol('Origins')
export const CLIENT_ADDRESSES = Symbol('ClientAddresses')
/** Where devices are kept. */
export const PAIRING_REPOSITORY = Symbol('PairingRepository')
export const DEVICE_RULES = Symbol('DeviceRules')
/** Makes and hides the secrets of device pairing. */
export const DEVICE_SECRETS = Symbol('DeviceSecrets')
export const WEB_ROOT = Symbol('WebRoot')
/** What WhatsApp linking counts; null where it is switched off. */
export const LINKING_COUNTERS = Symbol('LinkingCounters')
