/**
 * The wire's version, said by both ends when a terminal connection opens and by clients in the Socket.IO handshake.
 * Fields may be added without raising it; a change of meaning raises it.
 */
export const PROTOCOL_VERSION = 1
