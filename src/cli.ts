#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import path from 'node:path'

// What was compiled is kept from one start to the next: half a second less. In a folder of our own, since
// what lies in a shared one may be another user's.
enableCompileCache(path.join(import.meta.dirname, '../node_modules/.cache/hearth-compiled'))
await import('./program.ts')
