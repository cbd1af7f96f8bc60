import type { Manners } from './decoding-gateway.js';

export interface HostileName {
  readonly name: string;
  /** A gateway that this spelling deceives. */
  readonly manners: Manners;
}

/** Spellings of `x/../../../<app>/secrets/<name>`, each with a gateway that would send it there. */
export function hostileNames(app: string, secret: string): HostileName[] {
  const climb = (up: string, slash: string): string =>
    `x${slash}${`${up}${slash}`.repeat(3)}${app}${slash}secrets${slash}${secret}`;
  return [
    { name: climb('..', '/'), manners: {} },
    { name: climb('%2e%2e', '/'), manners: { rounds: 2 } },
    { name: climb('%2E.', '/'), manners: { rounds: 2 } },
    { name: climb('..', '%2f'), manners: { rounds: 2 } },
    { name: climb('..', '%2F'), manners: { rounds: 2 } },
    { name: climb('%252e%252e', '%252f'), manners: { rounds: 3 } },
    { name: climb('%25252e.', '%25252f'), manners: { rounds: 4 } },
    { name: climb('..', '\\'), manners: { backslashes: true } },
    { name: climb('..', '%5c'), manners: { rounds: 2, backslashes: true } },
    { name: climb('..;', '/'), manners: { parameters: true } },
    { name: climb('..;a=b', '/'), manners: { parameters: true } },
    { name: climb('..%3b', '%2f'), manners: { rounds: 2, parameters: true } },
    { name: climb('%c0%ae%c0%ae', '/'), manners: { rounds: 2 } },
    { name: climb('..', '%c0%af'), manners: { rounds: 2 } },
    { name: climb('%u002e%u002e', '%u002f'), manners: { rounds: 2 } },
    { name: climb('\uff0e\uff0e', '/'), manners: { bestFit: true } },
    { name: climb('..', '\uff0f'), manners: { bestFit: true } },
    { name: climb('\u2025', '/'), manners: { bestFit: true } },
    { name: climb('%ef%bc%8e%ef%bc%8e', '/'), manners: { rounds: 2, bestFit: true } },
  ];
}
