import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The order of the files: what waits for servers and programs comes first, that of Matrix in turn with the
 * rest, so that they do not all ask one homeserver at once. What shares its processes comes last and
 * together, since a process is kept only from one such file to the next; it fills the cores to the end.
 */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const shared = sorted.filter(({ project }) => !project.config.isolate)
    const ownProcess = sorted.filter(({ project }) => project.config.isolate)
    const matrix = ownProcess.filter(({ project }) => project.name === 'matrix')
    const others = ownProcess.filter(({ project }) => project.name !== 'matrix')
    const inTurn = others.flatMap((file, index) => [...matrix.slice(index, index + 1), file])
    return [...inTurn, ...matrix.slice(others.length), ...shared]
  }
}
