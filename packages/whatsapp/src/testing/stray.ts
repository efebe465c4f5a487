import { proto } from 'baileys'

/**
 * `node --import` of a process in which the client library leaves a rejection unhandled at SIGUSR2, as it now and then
 * does by itself: a frame that ends too early.
 */
process.on('SIGUSR2', () => {
  void Promise.resolve(new Uint8Array([0xff])).then((bytes) => proto.Message.decode(bytes))
})
