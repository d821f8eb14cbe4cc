import type { PersonaId } from './core/ids.ts'
import type { Persona } from './core/persona.ts'
import type { Log } from './ops/log.ts'
import { personaChanges } from './persona/changes.ts'
import { problemText } from './persona/problem.ts'
import { personaVersion } from './persona/version.ts'
import { type PersonaNews, watchPersonas } from './persona/watch.ts'

/** A file that was written anew from top to bottom is told of in so many lines. */
const changesMost = 20
/** Given to the platform when an account connects. */
const shownByAccounts = new Set(['name', 'avatar'])

/**
 * Puts each persona whose files have changed into `personas`, from where turns take it when they begin, and tells
 * the log what is other. One that cannot be read any more stays as it was.
 */
export function keepPersonasFresh(
  folder: string,
  personas: Map<PersonaId, Persona>,
  log: Log,
): AsyncDisposable {
  return watchPersonas({
    folder,
    personas: [...personas.values()],
    tell(news) {
      if (news.kind === 'changed') personas.set(news.after.id, news.after)
      tellLog(news, log)
    },
  })
}

function tellLog(news: PersonaNews, log: Log): void {
  switch (news.kind) {
    case 'changed':
      tellChanges(news.before, news.after, log)
      break
    case 'broken':
      tellProblems(news, log)
      break
    case 'mended':
      log.info('the files of a persona can be used again', { persona: news.persona })
      break
    case 'gone':
      log.warn('the folder of a persona is gone: it goes on as it was until the next start', {
        persona: news.persona,
      })
      break
    case 'new-folder':
      log.info('a folder of personas is new: accounts can have it from the next start on', {
        folder: news.folder,
      })
      break
    case 'failed':
      log.error('the files of the personas cannot be looked at', news.error)
  }
}

function tellProblems({ persona, problems }: Extract<PersonaNews, { kind: 'broken' }>, log: Log): void {
  for (const problem of problems)
    log.warn('a persona goes on as it was: its files cannot be used', {
      persona,
      problem: problemText(problem),
      mend: problem.mend,
    })
}

function tellChanges(before: Persona, after: Persona, log: Log): void {
  const changes = personaChanges(before, after)
  const persona = after.id
  log.info('a persona has changed: its next turn has the new version', {
    persona,
    version: personaVersion(after),
    before: personaVersion(before),
    changes: changes.length,
  })
  for (const { what, change } of changes.slice(0, changesMost))
    log.info('changed of a persona', { persona, what, change })
  if (changes.some(({ what }) => shownByAccounts.has(what)))
    log.warn('accounts show what a persona is called, and its picture, as they were until the next start', {
      persona,
    })
}
