import { readFileSync } from 'node:fs';
import { Controller, Get, Header } from '@nestjs/common';
import type { Overview } from './secrets.overview.js';
import { SecretsOverview } from './secrets.overview.js';

// The compiler copies no HTML: it is read where it stands.
const html = readFileSync(new URL('../../sample-app/page/page.html', import.meta.url), 'utf8');

@Controller()
export class PageController {
  constructor(private readonly overview: SecretsOverview) {}

  /** The page with what there is now; from then on it asks `/secrets`. */
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  page(): string {
    const state = JSON.stringify(this.overview.now()).replaceAll('<', '\\u003c');
    return html.replace('"STATE"', () => state);
  }

  @Get('secrets')
  @Header('cache-control', 'no-store')
  secrets(): Overview {
    return this.overview.now();
  }
}
