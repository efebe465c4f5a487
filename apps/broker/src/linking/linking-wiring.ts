/** The names under which linking's parts are injected; see `wiring.ts` for the broker's own. */
/** All of linking as one broker has it. */
export const LINKING = Symbol('Linking')
export const MARKETPLACE_DESK = Symbol('MarketplaceDesk')
export const MARKETPLACE_USE_CASES = Symbol('MarketplaceUseCases')
