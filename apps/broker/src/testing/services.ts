import 'reflect-metadata'
import { memoryPairingStore } from '@latchkey/stores/memory/pairing.store'
import { Test } from '@nestjs/testing'
import { PairingHistoryService } from '../audit/pairing-history.service.ts'
import { RateLimitService } from '../limits/rate-limit.service.ts'
import { PairingModule } from '../runner-pairing/pairing.module.ts'
import { PairingCodeService } from '../runner-pairing/pairing-code.service.ts'
import { PairingCodeGenerator } from '../runner-pairing/pairing-code-generator.ts'
import { PairingSessionService } from '../runner-pairing/pairing-session.service.ts'

/** The services as another NestJS application gets them, on a memory store and a clock that is set by hand. */
export async function services() {
  const time = { now: 1_000_000 }
  const store = memoryPairingStore({ clock: () => time.now })
  const imported = PairingModule.on({ store })
  const app = await Test.createTestingModule({
    imports: [imported],
    providers: [PairingCodeService],
  }).compile()
  return {
    time,
    codes: app.get(PairingCodeService),
    sessions: app.get(PairingSessionService),
    limits: app.get(RateLimitService),
    history: app.get(PairingHistoryService),
    generator: app.get(PairingCodeGenerator),
  }
}
