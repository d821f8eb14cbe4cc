import { runKeyCommand } from './key-command.ts'
import { readKeyFile } from './key-file.ts'
import { type MasterKey, type MasterKeySource, parseMasterKey } from './master-key.ts'

/**
 * `undefined` where there is nothing: no such file, no such variable. Everything else that is not
 * a key throws `master-key-exposed`, `master-key-unreadable` or `master-key-malformed`.
 */
export async function readMasterKey(
  source: MasterKeySource,
  signal: AbortSignal,
): Promise<MasterKey | undefined> {
  signal.throwIfAborted()
  if ('file' in source) return readKeyFile(source.file)
  if ('env' in source) {
    const line = process.env[source.env]
    return line === undefined ? undefined : parseMasterKey(line, source)
  }
  return parseMasterKey(await runKeyCommand(source.command, signal), source)
}
