/** What operators see of the running server as a whole: counts, times, clients, what is kept, limits. */
import { durationBoundsMs } from '../../../../base/counters.ts';
import { operatorOf } from './admin-routes.ts';
import type { ApiApp, ApiSurroundings } from '../api-surroundings.ts';
import { optional, timeOf } from '../read-words.ts';
import { serverStatus } from '../schemas/status.ts';
import { commonProblems } from '../schemas/shared-shapes.ts';

export function addStatusRoute(app: ApiApp, { clock, counters, insight, settings }: ApiSurroundings): void {
  app.get(
    '/v1/admin/status',
    {
      schema: {
        summary: 'How the server is: counts, times, clients, what is kept, limits',
        response: { 200: serverStatus, ...commonProblems },
      },
    },
    (request) => {
      operatorOf(request);
      const { counts, some, isWhole } = insight.clients();
      const { isWhole: isAllKept, most, ...kept } = insight.kept();
      return {
        version: settings.version,
        now: timeOf(clock.wall()),
        startedAt: timeOf(insight.startedAt),
        listeners: [...insight.listeners()],
        counters: Object.fromEntries(
          [...counters.entries()].flatMap(({ name, value }) => (Number.isFinite(value) ? [[name, value]] : [])),
        ),
        durations: {
          boundsMs: [...durationBoundsMs],
          counts: Object.fromEntries([...counters.allDurations()].map(([name, each]) => [name, [...each.counts]])),
        },
        clients: {
          counts: { ...counts },
          some: some.map(({ address, protocol, style, agent, since }) => ({
            address,
            protocol,
            ...optional('style', style),
            ...optional('agent', agent),
            ...(since === undefined ? {} : { since: timeOf(since) }),
          })),
          whole: isWhole,
        },
        kept: { ...kept, most: [...most], whole: isAllKept },
        limits: [...insight.limits()],
      };
    },
  );
}
