import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
import type { TellNews } from './news.ts'
import type { Shard } from './shards.ts'

/** The connections of one bot that are in this process: one for all shards together, or one for each of them. */
export interface Gateways extends Pick<Gateway, 'channel' | 'roleName' | 'ownRole'> {
  /** Undefined: for all shards. */
  open(shard: Shard | undefined): OneGateway
}

/** Counts among the others until it is disposed of. */
export interface OneGateway extends Gateway, Disposable {
  /** Another process has it from now on: what troubled it troubles nobody here any more. */
  giveUp(): void
}

export function createGateways(options: Omit<GatewayOptions, 'shard'>): Gateways {
  const all = new Set<Gateway>()
  const tellOne = createSharedTell(options.tell)

  function first<Found>(look: (gateway: Gateway) => Found | undefined): Found | undefined {
    for (const gateway of all) {
      const found = look(gateway)
      if (found !== undefined) return found
    }
    return undefined
  }

  return {
    open(shard) {
      const { tell, giveUp } = tellOne()
      const gateway = createGateway({ ...options, shard, tell })
      all.add(gateway)
      return {
        ...gateway,
        giveUp,
        [Symbol.dispose]: () => void all.delete(gateway),
      }
    },
    channel: (id) => first((gateway) => gateway.channel(id)),
    roleName: (id) => first((gateway) => gateway.roleName(id)),
    ownRole: (guild) => first((gateway) => gateway.ownRole(guild)),
  }
}

/** An account is well again only when the last of its connections is. */
function createSharedTell(tell: TellNews): () => { readonly tell: TellNews; readonly giveUp: () => void } {
  const troubled = new Set<symbol>()
  return () => {
    const self = Symbol()
    const well = (): void => {
      troubled.delete(self)
      if (troubled.size === 0) tell({ kind: 'answering' })
    }
    return {
      tell(news) {
        if (news.kind === 'answering') return well()
        if (news.kind === 'troubled') troubled.add(self)
        tell(news)
      },
      giveUp() {
        if (troubled.has(self)) well()
      },
    }
  }
}
