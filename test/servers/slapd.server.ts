import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startChild } from './child.server.js';
import { openLdap } from './locations.mjs';

/** Where people are in its directory. */
export const PEOPLE = 'ou=people,dc=shop,dc=test';

/** OpenLDAP of the test's own, on a free loopback port. */
export interface SlapdServer {
  readonly url: string;
  /** Who may change everything. */
  readonly admin: { readonly dn: string; readonly password: string };
  stop(): Promise<void>;
}

/** @param users name → password, as `uid=name,ou=people,dc=shop,dc=test`. */
export async function startSlapd(users: Readonly<Record<string, string>>): Promise<SlapdServer> {
  const commands = openLdap();
  if (!commands) throw new Error('OpenLDAP is not installed (apt-get install slapd)');
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-slapd-'));
  const [config, entries] = [join(folder, 'slapd.conf'), join(folder, 'entries.ldif')];
  const admin = { dn: 'cn=admin,dc=shop,dc=test', password: 'canary-directory-admin' };
  mkdirSync(join(folder, 'data'));
  writeFileSync(
    config,
    [
      ...['core', 'cosine', 'inetorgperson'].map((schema) => `include ${commands.schemas}/${schema}.schema`),
      `modulepath ${commands.modules}`,
      'moduleload back_mdb',
      `pidfile ${folder}/pid`,
      'database mdb',
      `directory ${folder}/data`,
      'suffix dc=shop,dc=test',
      `rootdn ${admin.dn}`,
      `rootpw ${admin.password}`,
      // Nobody but the administrator and whoever logs in sees a password.
      'access to attrs=userPassword by self write by anonymous auth by * none',
      'access to * by * read',
      '',
    ].join('\n'),
  );
  const units = [
    'dn: dc=shop,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: shop',
    `dn: ${PEOPLE}\nobjectClass: organizationalUnit`,
  ];
  const people = Object.entries(users).map(([name, password]) =>
    [`dn: uid=${name},${PEOPLE}`, 'objectClass: inetOrgPerson', `cn: ${name}`, `sn: ${name}`, `userPassword: ${password}`] // prettier-ignore
      .join('\n'),
  );
  writeFileSync(entries, `${[...units, ...people].join('\n\n')}\n`);
  const added = spawnSync(commands.slapadd, ['-q', '-f', config, '-l', entries], { encoding: 'utf8' });
  if (added.status !== 0) throw new Error(`slapadd failed: ${added.stderr}`);
  const url = `ldap://127.0.0.1:${await freePort()}`;
  const child = await startChild({
    command: commands.slapd,
    args: ['-d', '0', '-f', config, '-h', url], // in the foreground
    async ready() {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    },
  });
  return {
    url,
    admin,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
