import type { KeptPeople } from '../core/people.ts'
import type { StoreContext } from './context.ts'
import { countKept } from './kept-counts.ts'

export function createKeptPeople(context: StoreContext): KeptPeople {
  return {
    count: (person) => countKept(context, person),
  }
}
