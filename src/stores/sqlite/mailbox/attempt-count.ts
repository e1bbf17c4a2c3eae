/** The attempts of an open entry in SQL: as they were written, and more for every start of a server since then. */
import { attemptsPerRun } from '../../../delivery/ports.ts';

/** `e` is the table of entries. The inner query is answered once a statement. */
export const attemptCount = `e.attempts + ${attemptsPerRun} * ((SELECT value FROM counter WHERE name = 'run') - e.run)`;
