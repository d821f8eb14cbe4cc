/**
 * For `node --import`: writes down every connection that the process asks for and every name that it looks
 * up, a line each, into the file that RECORD_NETWORK names. Hooks lie below `fetch`, `http` and every driver.
 */
import { appendFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const file = process.env.RECORD_NETWORK ?? ''
const note = (what: string) => appendFileSync(file, `${what}\n`)
const require = createRequire(import.meta.url)

// biome-ignore lint/suspicious/noExplicitAny: modules as they are, to be changed
const net: any = require('node:net')
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args: unknown[]) {
  const [first] = Array.isArray(args[0]) ? args[0] : args
  const { host, port, path } =
    typeof first === 'object' && first !== null ? first : { port: first, host: args[1] }
  note(path == null ? `connect ${host ?? 'localhost'}:${port}` : `connect ${path}`)
  return connect.apply(this, args)
}

for (const name of ['node:dns', 'node:dns/promises']) {
  // biome-ignore lint/suspicious/noExplicitAny: modules as they are, to be changed
  const dns: any = require(name)
  for (const key of Object.keys(dns)) {
    const original = dns[key]
    if (typeof original !== 'function' || !/^(lookup|resolve|reverse)/.test(key)) continue
    dns[key] = (...args: unknown[]) => {
      // An address needs no looking up.
      if (net.isIP(args[0]) === 0) note(`dns ${key} ${args[0]}`)
      return original(...args)
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: modules as they are, to be changed
const dgram: any = require('node:dgram')
const send = dgram.Socket.prototype.send
dgram.Socket.prototype.send = function (...args: unknown[]) {
  note(
    `datagram ${args
      .slice(1)
      .filter((arg) => typeof arg === 'string' || typeof arg === 'number')
      .join(' ')}`,
  )
  return send.apply(this, args)
}
note('recording')
