/** openssl s_client: what a certificate check sees, and a request typed into a TLS connection. */
import { patienceMs, type InteropCase } from './interop-case.ts';

export const opensslCases: readonly InteropCase[] = [
  {
    name: 'openssl: verifies the certificate, and gets an answer to OPTIONS',
    tool: 'openssl',
    isSecure: true,
    async play({ sips, start }) {
      const words = ['s_client', '-connect', `${sips?.host}:${sips?.port}`, '-CAfile', sips?.caFile ?? ''];
      const client = start('openssl', [...words, '-verify_return_error', '-verify_hostname', 'localhost', '-crlf']);
      await client.waitForOutput(/Verify return code: 0 \(ok\)/, patienceMs);
      client.type('OPTIONS sip:localhost SIP/2.0');
      client.type('Via: SIP/2.0/TLS x.invalid;branch=z9hG4bKopenssl;rport');
      client.type('Max-Forwards: 70');
      client.type('From: <sip:tom@localhost>;tag=1');
      client.type('To: <sip:localhost>');
      client.type('Call-ID: openssl');
      client.type('CSeq: 1 OPTIONS');
      client.type('Content-Length: 0');
      client.type('');
      await client.waitForOutput(/SIP\/2\.0 200 OK/, patienceMs);
    },
  },
];
