// Installs and compilers: how long they take is the machine's affair.
import { jest } from '@jest/globals';

jest.setTimeout(600_000);
