import { Announced } from '../announced.js';
import { sharedByCopies } from '../shared-by-copies.js';

/** A class of clients, as the token that it is. */
export type ClientClass = new (...parameters: never[]) => object;

/** HcpVaultClient of every copy of this package: each is a token of the client of the connection "default". */
export const clientClasses: Announced<ClientClass> = sharedByCopies('client-classes', () => new Announced());
