/**
 * `/metrics` in the text format of Prometheus 0.0.4: the process itself by prom-client, and every count of base/counters.
 * Names get the prefix `restante_`, and counters the ending `_total`, where they come without.
 */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Counters, durationBoundsMs } from '../../base/counters.ts';

export function addMetricsPage(app: FastifyInstance, { counters }: { readonly counters: Counters }): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  app.get('/metrics', async (_request, reply) => {
    const ofProcess = await registry.metrics();
    return reply
      .type(registry.contentType)
      .send(`${ofProcess}\n${formatCounters(counters)}${formatDurations(counters)}`);
  });
}

/** Samples of one name stand together below one TYPE line, as the format wants. */
export function formatCounters(counters: Counters): string {
  const families = new Map<string, { kind: string; samples: string[] }>();
  for (const { name, kind, value } of counters.entries()) {
    const { family, labels } = splitName(name, kind);
    const known = families.get(family);
    const sample = `${family}${labels} ${formatValue(value)}`;
    if (known === undefined) families.set(family, { kind, samples: [sample] });
    else known.samples.push(sample);
  }
  let text = '';
  for (const [family, { kind, samples }] of families) text += `# TYPE ${family} ${kind}\n${samples.join('\n')}\n`;
  return text;
}

/** Histograms, in seconds, with cumulative steps. */
export function formatDurations(counters: Counters): string {
  let text = '';
  for (const [name, { counts, sumMs }] of counters.allDurations()) {
    let sum = 0;
    text += `# TYPE ${name} histogram\n`;
    for (const [step, count] of counts.entries()) {
      sum += count;
      const bound = durationBoundsMs[step];
      text += `${name}_bucket{le="${bound === undefined ? '+Inf' : bound / 1000}"} ${sum}\n`;
    }
    text += `${name}_sum ${sumMs / 1000}\n${name}_count ${sum}\n`;
  }
  return text;
}

function splitName(name: string, kind: 'counter' | 'gauge'): { family: string; labels: string } {
  const brace = name.indexOf('{');
  let family = brace < 0 ? name : name.slice(0, brace);
  if (!family.startsWith('restante_')) family = `restante_${family}`;
  if (kind === 'counter' && !family.endsWith('_total')) family += '_total';
  return { family, labels: brace < 0 ? '' : name.slice(brace) };
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
