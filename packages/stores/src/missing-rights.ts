import { StoreUnavailable } from './store-unavailable.ts'

/** The server lets this user in, and not do all that is needed: starting again would end the same way. */
export class MissingRights extends StoreUnavailable {
  /** @param why names the missing rights, and the line that an administrator of the server types */
  constructor(why: string) {
    super(why)
    this.name = 'MissingRights'
  }

  /** The same, saying of which server. */
  at(server: string): MissingRights {
    return new MissingRights(`${server}: ${this.why}`)
  }
}
