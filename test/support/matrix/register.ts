import { createHmac } from 'node:crypto'

/** Makes a user by the shared secret of the homeserver's configuration; returns its id. */
export async function registerBySecret(
  url: string,
  secret: string,
  name: string,
  password: string,
): Promise<string> {
  const address = `${url}/_synapse/admin/v1/register`
  const { nonce } = (await (await fetch(address)).json()) as { nonce: string }
  const mac = createHmac('sha1', secret).update([nonce, name, password, 'notadmin'].join('\0')).digest('hex')
  const body = JSON.stringify({ nonce, username: name, password, admin: false, mac })
  const response = await fetch(address, { method: 'POST', body })
  if (!response.ok) throw new Error(`Synapse did not register ${name}: HTTP ${response.status}`)
  return ((await response.json()) as { user_id: string }).user_id
}
