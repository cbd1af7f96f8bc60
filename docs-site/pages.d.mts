export const root: string;
/** Pages as paths within `docs/`, sorted. */
export function docsPages(): string[];
/** What is wrong with the list of pages; a sentence each. */
export function sidebarProblems(pages?: string[]): string[];
