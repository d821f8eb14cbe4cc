/**
 * For `node --import`: loads what a house on Discord is made of, and lets it begin when it is told a line. Where
 * one house is killed after the other, the next one is then there at once.
 */
import { once } from 'node:events'

await Promise.all([import('../../../src/main.ts'), import('../../../src/discord.ts')])
await once(process.stdin, 'data')
process.stdin.pause()
