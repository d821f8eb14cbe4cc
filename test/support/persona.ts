import { personaId } from '../../src/core/ids.ts'
import type { Observer } from '../../src/core/observer.ts'
import type { Persona } from '../../src/core/persona.ts'

export const testPersona: Persona = {
  id: personaId('wren'),
  name: 'Wren',
  description: 'You are Wren, the keeper of a small lighthouse.',
  personality: 'Dry, exact, kind.',
  scenario: '',
  greetings: ['The lamp is lit, {{user}}.', 'Fog again.'],
  examples: [],
  reminder: '',
  model: { sampling: {} },
  budget: { contextTokens: 4_096, replyTokens: 200 },
  manners: {},
}

export const quietObserver: Observer = {
  accepted() {},
  delivered() {},
  stageTook() {},
  closed() {},
  failed() {},
  erased() {},
  askedStore() {},
  recallFailed() {},
}
