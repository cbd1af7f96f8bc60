import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { page, partOfThePage } from './page.files.js';
import type { Overview } from './secrets.overview.js';
import { SecretsOverview } from './secrets.overview.js';

/** The page runs what comes from here, and nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

@Controller()
export class PageController {
  constructor(private readonly overview: SecretsOverview) {}

  /** The page with what there is now; from then on it asks `/secrets`. */
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('cache-control', 'no-store')
  page(): string {
    return page(this.overview.now());
  }

  /** Its styles and scripts. */
  @Get('page/:file')
  @Header('cache-control', 'no-cache')
  part(@Param('file') file: string): StreamableFile {
    const part = partOfThePage(file);
    if (!part) throw new NotFoundException();
    return new StreamableFile(part.content, { type: part.type });
  }

  @Get('secrets')
  @Header('cache-control', 'no-store')
  secrets(): Overview {
    return this.overview.now();
  }
}
