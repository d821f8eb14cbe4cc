import { describe, expect, it } from 'vitest'
import { HearthError } from '../../src/core/errors.ts'
import { ollamaAddress } from '../../src/model/ollama-address.ts'

describe('the address of an Ollama host', () => {
  it.each([
    ['', 'http://127.0.0.1:11434'],
    ['  ', 'http://127.0.0.1:11434'],
    ['gpu', 'http://gpu:11434'],
    ['gpu:1234', 'http://gpu:1234'],
    [':1234', 'http://127.0.0.1:1234'],
    ['"gpu:1234"', 'http://gpu:1234'],
    ['192.168.1.5', 'http://192.168.1.5:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:8080', 'http://127.0.0.1:8080'],
    ['http://0.0.0.0:11434', 'http://127.0.0.1:11434'],
    ['::', 'http://[::1]:11434'],
    ['[::]:11434', 'http://[::1]:11434'],
    ['::1', 'http://[::1]:11434'],
    ['[::1]', 'http://[::1]:11434'],
    ['[::1]:1234', 'http://[::1]:1234'],
    ['fd00::12', 'http://[fd00::12]:11434'],
    ['http://[fd00::12]:1234/', 'http://[fd00::12]:1234'],
    ['http://gpu', 'http://gpu:80'],
    ['https://gpu', 'https://gpu:443'],
    ['http://gpu:11434/', 'http://gpu:11434'],
    ['https://gpu.example.org/ollama/', 'https://gpu.example.org:443/ollama'],
    ['gpu/ollama', 'http://gpu:11434/ollama'],
    ['gpu:80', 'http://gpu:80'],
    ['HTTP://GPU:11434', 'http://gpu:11434'],
  ])('reads %j as %s', (text, address) => {
    expect(ollamaAddress(text)).toBe(address)
    expect(ollamaAddress(address)).toBe(address)
  })

  it.each(['ftp://gpu', 'http://', 'gpu:99999', 'gpu:x', 'http://me:s3cret@gpu', 'http://gpu?x=1', 'a b'])(
    'refuses %j without repeating it',
    (text) => {
      const read = (): string => ollamaAddress(text)
      expect(read).toThrow(HearthError)
      expect(read).toThrow(/^the address of an Ollama host is not usable$/)
    },
  )
})
