/**
 * Which host each conversation lives on, for the prefix cache there. A conversation that has been
 * silent for longer than any cache lasts has no home any more, and moves to where there is room.
 */
export interface Homes<Host> {
  get(key: string): Host | undefined
  set(key: string, host: Host): void
  countOn(host: Host): number
}

const maxHomes = 10_000
const homeMs = 30 * 60_000

export function createHomes<Host>(now: () => number = () => performance.now()): Homes<Host> {
  /** In the order of last use: the oldest first. */
  const homes = new Map<string, { readonly host: Host; readonly usedAt: number }>()
  const counts = new Map<Host, number>()

  const drop = (key: string): void => {
    const home = homes.get(key)
    if (home === undefined) return
    homes.delete(key)
    counts.set(home.host, (counts.get(home.host) ?? 0) - 1)
  }

  return {
    get(key) {
      const home = homes.get(key)
      if (home === undefined || now() - home.usedAt > homeMs) {
        drop(key)
        return undefined
      }
      return home.host
    },
    set(key, host) {
      drop(key)
      homes.set(key, { host, usedAt: now() })
      counts.set(host, (counts.get(host) ?? 0) + 1)
      const oldest = homes.size > maxHomes ? homes.keys().next().value : undefined
      if (oldest !== undefined) drop(oldest)
    },
    countOn: (host) => counts.get(host) ?? 0,
  }
}
