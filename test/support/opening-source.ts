import { Lease, SecretVersion, type SecretSource } from 'nestjs-hcp-vault';

/** A backend all of whose secrets are opened and leased, and which tells in order what was done with it. */
export function openingSource(options: { readonly kind?: string; readonly takes?: number } = {}) {
  const { kind = 'opening', takes = 0 } = options;
  const did: string[] = [];
  const live = new Set<string>();
  let leases = 0;
  const source: SecretSource = {
    kind,
    async read(names) {
      did.push(`read ${names.join()}`);
      if (takes > 0) await new Promise((resolve) => setTimeout(resolve, takes));
      return new Map(
        names.map((name) => {
          const id = `lease-${(leases += 1)}`;
          live.add(id);
          return [name, SecretVersion.of({ user: id }, { lease: Lease.of({ id, duration: '1h' }) })];
        }),
      );
    },
    async revoke({ id }) {
      did.push('revoke');
      if (id !== undefined) live.delete(id);
    },
    startUp() {
      did.push('start-up');
      return () => void did.push('start-up ends');
    },
    async close() {
      did.push('close');
    },
  };
  return {
    source,
    did,
    /** Leases that nobody has ended. */
    get left() {
      return live.size;
    },
    get opened() {
      return leases;
    },
  };
}
