import { expect, it } from 'vitest'
import { personaId } from '../../src/core/ids.ts'
import { readCard } from '../../src/persona/card/read-card.ts'
import { personaOfCard } from '../../src/persona/card/to-persona.ts'
import { rehearse } from '../../src/turn/rehearse.ts'
import { type Fields, json, v2, v3 } from '../persona/card/card-files.ts'
import { scriptedGenerator, scriptedModel } from '../support/scripted-generator.ts'

/* Cards of the shapes that real ones have, from the file to what the model reads. */

/** The prompt of the last of these, each answered by "Hm.", and what was answered to it. */
async function promptOf(card: Fields, ...says: readonly string[]): Promise<string> {
  const { persona } = personaOfCard(readCard(json(card)), personaId('wren'))
  const model = { ...scriptedModel, continues: true }
  const generator = scriptedGenerator(() => 'Hm.', { info: model })
  const reply = await rehearse(
    says,
    { persona, model, sampling: {}, generator },
    new AbortController().signal,
  )
  const prompt = generator.prompts.at(-1) ?? []
  return [...prompt.map(({ role, text }) => `[${role}] ${text}`), `=> ${reply.text}`].join('\n')
}

let uid = 0
/** As SillyTavern writes every entry: `use_regex`, and `selective` without second keys. */
const entry = (
  keys: readonly string[],
  content: string,
  rest: Fields = {},
  extensions: Fields = {},
): Fields => ({
  id: uid++,
  keys,
  secondary_keys: [],
  comment: '',
  content,
  constant: false,
  selective: true,
  insertion_order: 100,
  enabled: true,
  position: 'after_char',
  use_regex: true,
  ...rest,
  extensions: {
    position: 1,
    exclude_recursion: false,
    display_index: 0,
    probability: 100,
    useProbability: true,
    depth: 4,
    selectiveLogic: 0,
    group: '',
    sticky: null,
    cooldown: null,
    delay: null,
    ...extensions,
  },
})

it('a card as SillyTavern exports it', async () => {
  const card = v2({
    description: '{{char}} keeps a lamp.\r\n<USER> owes {{char}} a boat.',
    system_prompt: 'Be vivid.\n{{original}}',
    mes_example: '{{user}}: Is it late?\n{{char}}: *shrugs* It is dark.',
    extensions: { depth_prompt: { prompt: '[{{char}} has a cold.]', depth: 4, role: 'system' }, fav: false },
    character_book: {
      entries: [
        entry(['island'], 'The island is called Sark.', { constant: true, insertion_order: 10 }),
        entry([], 'Nobody has seen the south side.', { constant: true }, { position: 0 }),
        entry(
          [],
          'It always smells of tar.',
          { constant: true, insertion_order: 2 },
          { position: 4, depth: 2 },
        ),
        entry(['磨坊'], 'The mill <% if (a) %> burnt down.'),
        entry(['boat, ship'], '{{user}} sank it in May.', {}, { position: 4, depth: 0 }),
        entry(['mr. who?'], 'A literal question mark.'),
        entry(['', 'never said'], 'Not this.'),
        entry([], 'Dead: no key.'),
        entry(['lamp'], ''),
        entry(['lamp'], 'Off.', { enabled: false }),
      ],
    },
  })
  expect(await promptOf(card, 'Hello.', 'What of the 磨坊, and my ship? The lamp?')).toMatchInlineSnapshot(`
    "[system] Be vivid.
    You are Wren, and you are talking with somebody. Write only what Wren says next: no name in front, never the words of anybody else.

    Nobody has seen the south side.

    Wren keeps a lamp.
    somebody owes Wren a boat.

    The island is called Sark.

    dry

    a tower

    This is how Wren talks:

    somebody: Is it late?
    Wren: *shrugs* It is dark.
    [user] Hello.
    [assistant] Hm.
    [system] [Wren has a cold.]

    It always smells of tar.
    [user] What of the 磨坊, and my ship? The lamp?
    [system] The mill <% if (a) %> burnt down.

    somebody sank it in May.

    It is Wednesday, 14 January 2026 at 18:31.
    Stay dry.
    => Hm."
  `)
})

it('a card of the third version with decorators', async () => {
  const plain = (keys: readonly string[], content: string, rest: Fields = {}): Fields => ({
    keys,
    content,
    extensions: {},
    enabled: true,
    insertion_order: 100,
    use_regex: false,
    ...rest,
  })
  const card = v3({
    nickname: 'Wrenny',
    post_history_instructions: '{{char}} is brief.',
    character_book: {
      extensions: {},
      scan_depth: 1,
      token_budget: 100000,
      entries: [
        plain([], '@@position scenario\nThe storm lasts.', { constant: true }),
        plain(['storm'], '@@unknown thing\n@@@depth 3\n@@role user\n(It thunders.)'),
        plain([], '@@activate_only_after 2\nThey know each other by now.', { constant: true }),
        plain(['answer'], '@@depth 0\n@@role assistant\nWell,'),
        plain(['storm'], '@@exclude_keys sunny\nThunder {{hidden_key:sunny}}follows.', {
          insertion_order: 1,
        }),
      ],
    },
  })
  expect(await promptOf(card, 'Hello.', 'Again.', 'Answer me: the storm?')).toMatchInlineSnapshot(`
    "[system] Wren keeps a lamp.

    dry

    a tower

    The storm lasts.

    You are Wrenny, and you are talking with somebody. Write only what Wrenny says next: no name in front, never the words of anybody else.

    This is how Wrenny talks:

    somebody: Is it late?
    Wrenny: It is dark.
    [user] Hello.
    [assistant] Hm.
    [user] Again.
    [assistant] Hm.
    [user] (It thunders.)
    [user] Answer me: the storm?
    [system] Thunder follows.

    They know each other by now.

    It is Wednesday, 14 January 2026 at 18:32.
    Wrenny is brief.
    [assistant] Well,
    => Well,Hm."
  `)
})
