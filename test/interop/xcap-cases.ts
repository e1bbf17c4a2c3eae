/**
 * curl as an XCAP client, and xmllint as the judge of what comes: the rules that one of them puts are in effect for the
 * other side, and every document fits the schema that its RFC prints, where those lie beside the project.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectSame, expectThat, patienceMs, startPhone, type InteropCase, type InteropWorld } from './interop-case.ts';

const schemas = new URL('../../../shared/reference/samples/schemas/', import.meta.url);

const document = `<?xml version="1.0" encoding="UTF-8"?>
<cr:ruleset xmlns="urn:ietf:params:xml:ns:pres-rules" xmlns:cr="urn:ietf:params:xml:ns:common-policy">
 <cr:rule id="friends">
  <cr:conditions>
   <cr:identity><cr:one id="sip:tom@localhost"/><cr:many domain="example.org"><cr:except id="sip:eve@example.org"/></cr:many></cr:identity>
   <cr:validity><cr:from>2020-01-01T00:00:00Z</cr:from><cr:until>2099-01-01T00:00:00+01:00</cr:until></cr:validity>
  </cr:conditions>
  <cr:actions><sub-handling>allow</sub-handling></cr:actions>
  <cr:transformations>
   <provide-persons><all-persons/></provide-persons>
   <provide-mood>true</provide-mood>
  </cr:transformations>
 </cr:rule>
</cr:ruleset>
`;

const httpRules = [
  { watchers: ['tom@localhost'], attributes: ['online', 'availability', 'mood', 'x-shoe'], action: 'allow', id: 'tom' },
  {
    watchers: [],
    domains: ['*'],
    except: { watchers: ['john@localhost'] },
    spheres: ['work'],
    attributes: '*',
    action: 'allow',
  },
  {
    watchers: '*',
    action: 'polite-block',
    validity: [{ from: '2026-11-21T09:00:00Z', until: '2026-11-21T10:00:00Z' }],
  },
];

export const xcapCases: readonly InteropCase[] = [
  {
    name: 'curl and xmllint: rules over XCAP and over HTTP are the same',
    tool: 'curl',
    moreTools: ['xmllint'],
    async play(world) {
      const client = new XcapClient(world);
      const rules = 'xcap/pres-rules/users/sip:mary@localhost/index';
      expectSame('no document yet', client.get(rules).status, '404');
      client.isValid('what curl puts', document);
      expectSame('put', client.put(rules, 'application/auth-policy+xml', document).status, '201');
      expectSame('got', client.get(rules).text, document);
      const allowed = 'v1/presence/mary@localhost';
      expectThat(client.get(allowed, 'tom').text.includes('"mood"'), 'the rule that was put lets Tom see nothing');
      const one = `${rules}/~~/cr:ruleset/cr:rule%5B@id=%22friends%22%5D/cr:conditions/cr:identity/cr:one/@id`;
      const names = '?xmlns(cr=urn:ietf:params:xml:ns:common-policy)';
      expectSame('an attribute', client.get(one + names).text, 'sip:tom@localhost');
      expectSame('put', client.put(one + names, 'application/xcap-att+xml', 'sip:peter@localhost').status, '200');
      expectThat(!client.get(allowed, 'tom').text.includes('"mood"'), 'the rule that is Peter’s lets Tom see');
      const refused = client.put(rules, 'application/auth-policy+xml', document.replace('allow<', 'forbid<'));
      expectSame('refused', refused.status, '409');
      client.isWellFormed('the conflict', refused.text);
      expectThat(refused.text.includes('schema-validation-error'), `another conflict: ${refused.text}`);
      expectSame('over HTTP', client.put('v1/rules', 'application/json', JSON.stringify(httpRules)).status, '200');
      const written = client.get(rules).text;
      expectThat(written.includes('sip:john@localhost'), `what was put over HTTP is not in the document: ${written}`);
      client.isValid('what is written of rules over HTTP', written);
      expectSame('put again', client.put(rules, 'application/auth-policy+xml', written).status, '200');
      client.isWellFormed('the capabilities', client.get('xcap/xcap-caps/global/index').text);
    },
  },
  {
    name: 'curl: a phone that waits for leave to watch is let in by a document over XCAP, and kept out by another',
    tool: 'curl',
    serverFlags: ['--visible-by-default', 'none', '--notify-pace', '0'],
    async play(world) {
      const client = new XcapClient(world);
      const rules = 'xcap/pres-rules/users/sip:mary@localhost/index';
      const put = (text: string) => client.put(rules, 'application/auth-policy+xml', text).status;
      client.put('v1/presence', 'application/json', '{"mood": "happy"}');
      const phone = await startPhone(world, 'tom');
      const watching = await phone.subscribe('presence', { to: 'mary@localhost' });
      await watching.nextNotify(patienceMs);
      expectSame('before', watching.state, 'pending');
      expectThat(client.get('v1/rules/requests').text.includes('tom@localhost'), 'nobody is told that Tom asks');
      expectSame('put', put(document), '201');
      const notify = await watching.nextNotify(patienceMs, ({ body }) => body.toString().includes('happy'));
      expectSame('then', watching.state, 'active');
      expectThat(!notify.body.toString().includes('<tuple'), 'more is shown than the rule lets see');
      expectThat(!client.get('v1/rules/requests').text.includes('tom@localhost'), 'Tom still asks');
      expectSame('put', put(document.replace('allow<', 'block<')), '200');
      await watching.nextNotify(
        patienceMs,
        (each) => each.header('Subscription-State')?.startsWith('terminated') === true,
      );
    },
  },
];

interface CurlAnswer {
  readonly status: string;
  readonly text: string;
}

class XcapClient {
  readonly #world: InteropWorld;

  constructor(world: InteropWorld) {
    this.#world = world;
    if (existsSync(schemas)) this.#writeSchemas();
  }

  get(path: string, who = 'mary'): CurlAnswer {
    return this.#curl(path, who, []);
  }

  put(path: string, type: string, body: string): CurlAnswer {
    const file = join(this.#world.folder, 'body');
    writeFileSync(file, body);
    return this.#curl(path, 'mary', ['-X', 'PUT', '-H', `Content-Type: ${type}`, '--data-binary', `@${file}`]);
  }

  isWellFormed(what: string, xml: string): void {
    this.#lint(what, xml, []);
  }

  /** At least well-formed, where the schemas are not there. */
  isValid(what: string, xml: string): void {
    this.#lint(what, xml, existsSync(schemas) ? ['--schema', 'all.xsd'] : []);
  }

  #lint(what: string, xml: string, words: readonly string[]): void {
    const options = { cwd: this.#world.folder, input: xml, encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', ...words, '-'], options);
    expectThat(status === 0, `${what} is refused by xmllint:\n${stderr}\n${xml}`);
  }

  #curl(path: string, who: string, words: readonly string[]): CurlAnswer {
    const url = `${this.#world.http}/${path}`;
    const always = ['-s', '-S', '-g', '-u', `${who}@localhost:${who}-secret`, '-w', '\n%{http_code}'];
    const { stdout, stderr } = spawnSync('curl', [...always, ...words, url], { encoding: 'utf8' });
    const end = stdout.lastIndexOf('\n');
    expectThat(end >= 0, `curl has no answer of ${url}: ${stderr}`);
    return { status: stdout.slice(end + 1), text: stdout.slice(0, end) };
  }

  /** As printed, pres-rules.xsd imports common policy from nowhere. */
  #writeSchemas(): void {
    const copy = (name: string): string => readFileSync(new URL(name, schemas), 'utf8');
    const imports = [
      ['urn:ietf:params:xml:ns:common-policy', 'common-policy.xsd'],
      ['urn:ietf:params:xml:ns:pres-rules', 'pres-rules.xsd'],
    ].map(([namespace, file]) => `<xs:import namespace="${namespace}" schemaLocation="${file}"/>`);
    const write = (name: string, text: string): void => writeFileSync(join(this.#world.folder, name), text);
    write('common-policy.xsd', copy('common-policy.xsd'));
    write('pres-rules.xsd', copy('pres-rules.xsd'));
    write('all.xsd', `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xs:schema>`);
  }
}
