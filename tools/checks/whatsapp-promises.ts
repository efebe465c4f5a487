/**
 * What WhatsApp linking guarantees, in the order of the numbers by which tests name them: "… (sentence 12)" at the end of a test's
 * name. `whatsapp-doc.ts` makes the table of both.
 */
export const whatsappPromises: readonly string[] = [
  'Three requests for one session within 100 ms cause exactly one `companion_hello` at the server; the other two get `REQUEST_IN_PROGRESS` and no code.',
  'The flight ends only when WhatsApp has answered, refused, timed out (10 s) or the socket closed; not when the socket object was created.',
  'After success, refusal, time-out and close the next request is accepted: no path leaves the session locked.',
  'A second tab of the same company asking meanwhile gets `REQUEST_IN_PROGRESS` and then sees the same code as the first; both show the same `expiresAt`.',
  'The flight belongs to the session, not to the browser socket: the asking tab may close and the flight goes on; its answer reaches any tab of that company.',
  'A request with another phone number while one is running is refused, and afterwards starts from fresh credentials.',
  `While a code is alive, "new code" needs the user's explicit action and at least 30 s; it voids the old one (old socket closed before the new hello), and the old code then fails on the phone.`,
  'At most 5 code requests per session and hour and per phone number and hour, and 20 per client address; then `COOLDOWN` with `retryAt`. After a 429 the cool-down doubles from 5 minutes.',
  'A request for a session that is already connected answers `ALREADY_LINKED` and does not touch the connection.',
  'Two nodes: the request arriving at a node without the lease is carried to the owner or answered `OTHER_NODE`; there is still one hello.',
  "Cancelling (method switch, page's Cancel) ends the flight and the socket within 2 s, also against a peer that stopped reading.",
  'A code appears on the page only after WhatsApp confirmed it; with 400, 429 and silence the page shows `WA_REFUSED`, `WA_RATE_LIMITED`, `WA_NO_ANSWER` within 11 s and the button works again.',
  'Every failure that happens while somebody is linking produces exactly one `pairing-code-error` or `error` with a code; no path leaves "getting the code" on screen beyond 15 s (the page has its own deadline even if the server dies).',
  'Errors go to all tabs of the company, and only to that company.',
  'Undelivered state is not lost: on every (re)connect the server sends one snapshot (state, method, QR or code, `expiresAt`, error) and the page renders from it.',
  'Requests use Socket.IO acknowledgements with a time-out; an event emitted before the server was ready is answered, not dropped.',
  'A failing code does not switch the method by itself; the page offers the QR.',
  'Raw exceptions, stack traces, jids and provider texts never reach the page.',
  'Bad, expired, foreign-company token: connection refused by middleware (`connect_error` with a code), no handler runs, no session is created. The token is not in the URL.',
  'Each unexpected failure (INTERNAL, database, undecodable frame, 405, 409, 440, 500 three times) is captured once, with tags component, operation, session id, Baileys version, close code, and a fingerprint per operation+code.',
  'User mistakes and normal life (invalid phone, expired, 515, logged out, busy, cool-down) are counted, not captured.',
  'No event, breadcrumb or log line contains a full phone number, a pairing code, a QR string, a token, keys or message text: tested by running every scenario with a capturing transport and searching for the known values. Phones appear as `+7900***4567` or a keyed hash.',
  'Without a DSN nothing is sent and nothing fails; a broken transport does not delay linking.',
  'An unhandled rejection in one session is captured and ends that session only; the others stay open.',
  'The page has one countdown per shown thing; a new code, a new QR, success, error, cancel, method switch, `pagehide` each leave zero intervals of the previous thing (counted by a wrapped `setInterval`).',
  "The countdown is derived from the server's absolute `expiresAt` corrected by the clock offset of the handshake, not from ticks: a tab suspended for 60 s shows the right rest on waking.",
  'Shown lifetime equals real lifetime: the code at `expiresAt - 5 s` still links, and nothing is shown as valid after it. With 6 references and `qrTimeout` 60 s the code lives 180 s.',
  `Connecting five seconds before the end: the link completes, the timer clears, no "expired" appears, even if the phone's answer arrives after the page hit zero: success always wins over expiry.`,
  'At expiry the server ends the unpaired socket unless `companion_finish` was sent less than 60 s ago; then it waits that long.',
  "Server timers (expiry, back-off, lease, confirm, grace) live in one registry per session; after `dispose` it is empty. After closing the pool no handle of ours keeps the process alive (Baileys' own 30/60 s timers of an interrupted first login excepted).",
  'The first QR is shown for 60 s, the next for 20 s, as the event says; the page never asks for a new QR by its own timer.',
  'After the last QR the state is `expired` and nothing reconnects until somebody acts: an abandoned page causes no traffic.',
  'The server validates by itself, before anything else is touched; hostile payloads (`null`, object, array, 10 kB string, missing ack) get an error, no exception, no session.',
  'What becomes of an input with region RU is as in the table of `read-phone.spec.ts`; the result is E.164, the digits without `+` go to Baileys.',
  "The page and the server use the same function; the server's word counts.",
  'The normalised number is shown for confirmation before the code is requested ("+7 900 123-45-67, Russia"), because `12125550123` and `9001234567` are guesses.',
  'Too short, too long, not a number, unknown country code are different messages. `COUNTRY_UNKNOWN` asks for `+` and the country code.',
  'A possible number the library calls invalid (old Brazilian 8-digit mobiles, fresh ranges) is accepted with a hint; an impossible one is refused.',
  "A number already linked to another company's session is refused for this one with a neutral message, unless the tenant policy allows it.",
  'Requesting a code with a number different from the linked or half-linked one never reuses the old credentials.',
  'Connect, disconnect, reconnect 50 times: listener counts on pool, namespace, adapter rooms and every Baileys emitter are as after the first. No `MaxListenersExceededWarning`.',
  'Pool events are subscribed once per namespace and fanned out by room (`company:<id>`), not once per browser socket.',
  'Each event is rendered once per tab: handler calls are counted over 10 reconnects.',
  'Replacing a Baileys socket detaches our listeners first, then ends it in at most 2 s; late events of the old socket (generation number) change nothing.',
  '`request-qr` and repeated method switches register nothing new.',
  '`ABCD1234` is shown as `ABCD-1234` in a monospaced face, is announced to screen readers character by character, and copies as `ABCD1234`.',
  'Codes are 8 characters of the alphabet without 0, I, O, U; anything else from the library is an INTERNAL error, not shown.',
  'The page says where to type it (Linked devices, Link with phone number) and that no notification may appear.',
  'The QR is drawn locally, no script or image from another origin; CSP forbids it.',
  'Counters by method: `wa_link_started_total{method}`, `wa_link_code_issued_total`, `wa_link_succeeded_total{method}`, `wa_link_failed_total{method,reason}`, `wa_link_method_switch_total{from,to}`, `wa_link_abandoned_total`; histogram `wa_link_seconds{method}`; gauges `wa_sessions{state}`, `wa_lease_held`; `wa_disconnect_total{code}`, `wa_reconnect_total`, `wa_store_write_seconds`. Each scenario of D1-D5 moves exactly the named ones by one.',
  'started = succeeded + failed + abandoned + in progress, always.',
  'Gauges are computed from state at scrape, so they cannot go negative.',
  'No label carries a phone, jid, company name or unbounded text.',
  '515 after pairing always leads to `open`, at once, with no back-off and no error on the page ("finishing..."), also if the code was typed within a second of appearing.',
  "The new socket is created only after all pending credential writes succeeded; if a write fails the page gets INTERNAL and the phone's ghost device is mentioned.",
  "Browser socket lost in mid-request (mobile: the user leaves the browser to type the code): the link goes on for the code's lifetime plus 60 s; when the page returns it shows the result.",
  'Nobody watching for that long: the unlinked socket ends, `abandoned` is counted. A **linked** session never depends on a page.',
  'Last tab of two closes: nothing happens to the other.',
  'QR and code race: scanning the QR while a code is shown links once, voids the code, shows one success; and the reverse.',
  'Credentials of an unfinished attempt never log in: after a crash with a code on screen the restarted process has no 401 loop and no "logged out" message.',
  'Process restart restores every linked session without a QR, staggered (at most N at once, jitter), skips those stopped by a user, and reports progress in health.',
  'Lease: at most one node holds an open socket for a session. Taken in the database with database time, epoch increased at each take-over, renewed at a third of its length; a node that cannot renew closes its socket before the lease ends; every write of creds and keys carries the epoch and fails when stale. Killing a node moves its sessions within lease + 10 s; pausing one for twice the lease and resuming it causes no second open socket beyond 1 s and no write.',
  '440 with a valid lease means a foreign copy of the credentials: stop, state `replaced`, alert, offer relink; no automatic reconnect.',
  'Logged out on the phone: within 2 s keys are deleted, tenant and page are told, reconnects stop, linking anew works without a restart.',
  'Unlink in the product while offline: the session is marked, retried when connected, and the user is told to remove the device on the phone. After `logout()` the server has no such device.',
  '402 shows until when; 405 raises one operator alert, not one per session.',
  'Back-off: 1, 2, 4 ... 60 s with jitter, reset after 60 s of `open`, never for states that need the user; a circuit breaker for one company does not affect others.',
  "Passkey accounts get `PASSKEY_REQUIRED` within 2 s of the phone's attempt, with an honest text: not possible at present.",
  '`companion_reg_refresh`: the page shows the new QR within 1 s and the next scan links.',
  '`refresh_code`: the old code is marked void and one new code is requested, at most 3 times.',
  'A wrong code typed on the phone does not end the attempt: the same code typed rightly still links; after 60 s without pair-success the page says so.',
  'One malformed frame ends one session. Ten other sessions stay open.',
  'No outbound connection except the configured WhatsApp URL while linking (hook on `net`), in particular no version fetch.',
  'Credentials and keys in the database are not readable without the key; rotating the key keeps sessions; a wrong key fails loudly and does not overwrite.',
  'A database outage of 30 s during `open` keeps the socket if no write was lost, else ends it; it never writes to local files.',
  "Session ids come from the verified token only; a forged company id in a payload has no effect. One company can never receive another's QR or code (two companies linking at once, all events recorded).",
  'Shutdown: no new links, running ones get `INTERNAL` with the reason `RESTART`, sockets ended in 2 s, writes flushed, leases released.',
  'Consent is recorded before the first QR or code.',
]

/** On which level a promise has to be shown: a unit with a clock of its own, the real client, a browser. */
export type PromiseLevel = 'unit' | 'real client' | 'browser'

/** In the order of the promises; U, I and B as in the levels above. */
const LEVELS = `
  I I I B I I I U I I I IB B I B I B U I U U I U I B B
  I IB I UI B I I U U B B U I I I U B I I B U B B I I U
  U I I B I I I I I I I I I I U I I I I I I I I I I B
`
const NAMES: Readonly<Record<string, PromiseLevel>> = { U: 'unit', I: 'real client', B: 'browser' }

/** The levels that each promise demands, in the order of the promises. */
export const promiseLevels: ReadonlyArray<readonly PromiseLevel[]> = LEVELS.trim()
  .split(/\s+/)
  .map((letters) => [...letters].flatMap((letter) => NAMES[letter] ?? []))
