import { Agent, request } from 'node:http';

/** The other side does not know these credentials (any more). */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** A few connections to a service, with the credentials they were made with. */
export class Caller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #options;

  constructor(port: number, user: string, password: string) {
    this.#options = { host: '127.0.0.1', port, auth: `${user}:${password}`, agent: this.#agent };
  }

  /** Rejects with Refused at a 401. */
  call(): Promise<void> {
    return new Promise((resolve, reject) => {
      const asking = request(this.#options, (answer) => {
        answer.resume().once('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(answer.statusCode === 401 ? new Refused('401') : new Error(`status ${answer.statusCode}`));
        });
      });
      asking.once('error', reject).end();
    });
  }

  end(): void {
    this.#agent.destroy();
  }
}
