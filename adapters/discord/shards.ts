/** One of the parts in which a bot in very many servers connects. */
export interface Shard {
  /** From 0. */
  readonly id: number
  readonly of: number
}

/** Discord's rule, by the server's id. `undefined`: a direct conversation, which is the first shard's. */
export const isOnShard = (guild: string | undefined, { id, of }: Shard): boolean =>
  (guild === undefined ? 0 : Number((BigInt(guild) >> 22n) % BigInt(of))) === id

/** What several processes need to serve one bot together: each shard is in one process at a time. */
export interface ShardShare {
  /** How many processes serve the bot, this one among them. */
  processes(): number
  /**
   * Discord takes one new session in five seconds, in each of the `max_concurrency` buckets of a bot. Resolves
   * when it is this one's turn. Throws nothing but what the aborted signal throws.
   */
  awaitTurn(bucket: number, signal: AbortSignal): Promise<void>
  /**
   * Has this process's share of the shards served until the signal comes: `serve` as often as one of them is
   * had, each until its own signal comes, at which it ends what is under way. Throws what `serve` throws.
   */
  hold(serve: (shard: Shard, life: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>
}
