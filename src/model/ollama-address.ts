import { configError, type HearthError } from '../core/errors.ts'

const defaultPort = '11434'

const badAddress = (): HearthError =>
  // The text itself is not repeated: it may hold a password.
  configError('the address of an Ollama host is not usable', {
    code: 'bad-host',
    mend: 'Write it like this, without user or password: http://127.0.0.1:11434',
  })

const isBareIpv6 = (text: string): boolean => /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)

/**
 * The address of a server in the forms that Ollama itself takes for `OLLAMA_HOST`: `host`,
 * `host:port`, `:port`, `http://…`, `https://…`, IPv6 with and without brackets, with a path or a
 * trailing slash. Without a scheme the port is 11434, with one it is that of the scheme.
 * The addresses that mean "every interface" to a server mean "this machine" to us.
 *
 * Returns scheme, host, port and path, with no slash at the end. Throws `HearthError` (`bad-host`).
 */
export function ollamaAddress(text: string): string {
  let rest = text.trim().replace(/^["']|["']$/g, '')
  if (rest === '') rest = `127.0.0.1:${defaultPort}`
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest)
  if (scheme !== null) rest = rest.slice(scheme[0].length)
  const protocol = (scheme?.[1] ?? 'http').toLowerCase()
  if (protocol !== 'http' && protocol !== 'https') throw badAddress()

  if (rest.startsWith(':') && !isBareIpv6(rest.split('/')[0] ?? '')) rest = `127.0.0.1${rest}`
  const [authority = '', ...path] = rest.split('/')
  const bracketed = isBareIpv6(authority) ? `[${authority}]` : authority
  const full = `${protocol}://${bracketed}/${path.join('/')}`
  if (!URL.canParse(full)) throw badAddress()
  const url = new URL(full)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw badAddress()

  const host = url.hostname === '0.0.0.0' ? '127.0.0.1' : url.hostname === '[::]' ? '[::1]' : url.hostname
  const schemePort = protocol === 'https' ? '443' : '80'
  // `new URL` drops a port that is the scheme's own, also one that was written down.
  const written = /:(\d+)$/.exec(bracketed)?.[1]
  const port = url.port || (written ?? (scheme === null ? defaultPort : schemePort))
  return `${protocol}://${host}:${Number(port)}${url.pathname.replace(/\/+$/, '')}`
}
