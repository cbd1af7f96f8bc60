/** A place in a line. */
export interface LineNode<T> {
  readonly entry: T;
  before: LineNode<T> | undefined;
  after: LineNode<T> | undefined;
}

/**
 * Entries in the order in which they came: to join at the end and to leave from anywhere cost the same however long it is. (A Set is not a line: V8
 * walks over all that were deleted from its front.)
 */
export class Line<T> {
  #first: LineNode<T> | undefined;
  #last: LineNode<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): LineNode<T> | undefined {
    return this.#first;
  }

  add(entry: T): LineNode<T> {
    const node: LineNode<T> = { entry, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = node;
    else this.#first = node;
    this.#last = node;
    this.#size += 1;
    return node;
  }

  /** @param node of this line; a node leaves once. */
  remove(node: LineNode<T>): void {
    const { before, after } = node;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    node.before = node.after = undefined;
    this.#size -= 1;
  }
}
