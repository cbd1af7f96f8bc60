/** Whose value it is. */
export interface Owner {
  readonly name: string;
  readonly connection: string;
}
