import { adapterContract } from '../../contract/adapter.ts'
import { startConsole } from '../../support/console-harness.ts'

adapterContract({
  name: 'console on a terminal',
  refused: 'sender told',
  start: async () => startConsole(true),
})
adapterContract({ name: 'console in a pipe', refused: 'sender told', start: async () => startConsole(false) })
