/** Anchors as GitHub makes them, so that a link leads to the same heading in the repository, in the package's files and on the site. */
export const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .trim()
    .replaceAll(' ', '-');
