import { HttpModule } from '@nestjs/axios';
import { Payments } from './http/payments.service.js';
import { Refunds } from './http/refunds.service.js';
import { httpSide } from './sides/http.side.js';
import { underRotation } from './support/under-rotation.js';

// The files of docs/recipes/http.md, as they stand there.
describe('the recipe of @nestjs/axios', () => {
  let url: string;
  underRotation({
    recipe: '@nestjs/axios with an API key',
    page: 'http.md',
    secret: 'API_KEY',
    start: async () => {
      const side = await httpSide();
      ({ url } = side);
      return side;
    },
    app: () => ({ imports: [HttpModule], providers: [Payments] }),
    work: (app) => () => app.get(Payments).charge(url),
  });
});

describe('the recipe of fetch', () => {
  let url: string;
  underRotation({
    recipe: 'fetch with an API key',
    page: 'http.md',
    secret: 'API_KEY',
    start: async () => {
      const side = await httpSide();
      ({ url } = side);
      return side;
    },
    app: () => ({ providers: [Refunds] }),
    work: (app) => () => app.get(Refunds).refund(url),
  });
});
